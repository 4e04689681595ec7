package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// What lies where in a zip file, which `java.util.zip` does not tell: read from the central
/// directory (PKWARE's APPNOTE.TXT, 4.3), with the 64-bit forms for files beyond 4 GB.
///
/// @param file what the file is called in faults
/// @param memory all of it
/// @param entries in the order of the directory
record ZipDirectory(String file, MemorySegment memory, List<Entry> entries) {
  private static final int END = 0x06054b50;
  private static final int END_64_LOCATOR = 0x07064b50;
  private static final int END_64 = 0x06064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_LENGTH = 22;
  private static final int MAX_COMMENT = 0xffff;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  /// Deflate packs at most so many bytes into one, so a larger size is a lie.
  private static final long MOST_PACKED = 1032;

  private static final long ONES = 0xffffffffL;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// A file in the zip file.
  ///
  /// @param local where its own header lies
  /// @param packed the bytes that it takes in the zip file
  /// @param size the bytes that it has
  /// @param crc the checksum of those
  record Entry(String name, long local, long packed, long size, int crc, boolean isStored) {}

  /// Reads the directory.
  ///
  /// @throws FormatException when there is none, or it does not tell the truth
  static ZipDirectory read(MemorySegment memory, String file) throws FormatException {
    ZipDirectory bare = new ZipDirectory(file, memory, List.of());
    List<Entry> entries = new ArrayList<>();
    long end = bare.end();
    long at = bare.whole(end + 16);
    long count = bare.half(end + 10);
    if ((at == ONES || count == 0xffff) && end >= 20 && bare.word(end - 20) == END_64_LOCATOR) {
      long wide = bare.wide(end - 20 + 8);
      if (bare.word(wide) != END_64) {
        throw new FormatException(file, wide, "expected the 64-bit end of a zip file");
      }
      count = bare.wide(wide + 32);
      at = bare.wide(wide + 48);
    }
    for (long i = 0; i < count; i++) {
      if (bare.word(at) != CENTRAL) {
        throw new FormatException(file, at, "expected an entry of the central directory");
      }
      entries.add(bare.entry(at));
      at += 46 + bare.half(at + 28) + bare.half(at + 30) + bare.half(at + 32);
    }
    return new ZipDirectory(file, memory, List.copyOf(entries));
  }

  /// The entry of this name.
  Optional<Entry> find(String name) {
    return entries.stream().filter(e -> e.name.equals(name)).findFirst();
  }

  /// Where an entry's bytes begin, as they lie in the file.
  long offset(Entry entry) throws FormatException {
    if (word(entry.local) != LOCAL) {
      throw new FormatException(file, entry.local, "expected the header of " + entry.name);
    }
    long data = entry.local + 30 + half(entry.local + 26) + half(entry.local + 28);
    if (data > memory.byteSize() - entry.packed) {
      throw new FormatException(file, data, "expected all bytes of " + entry.name);
    }
    return data;
  }

  /// The bytes of an entry: shared with the file where they are stored, else a copy.
  MemorySegment bytes(Entry entry) throws FormatException {
    return entry.isStored
        ? memory.asSlice(offset(entry), entry.packed)
        : inflated(entry, entry.size);
  }

  /// The first `most` bytes of an entry, or all if it has fewer.
  MemorySegment beginning(Entry entry, int most) throws FormatException {
    long length = Math.min(most, entry.size);
    return entry.isStored ? memory.asSlice(offset(entry), length) : inflated(entry, length);
  }

  /// Compares an entry's bytes with its checksum.
  void check(Entry entry, MemorySegment bytes) throws FormatException {
    CRC32 crc = new CRC32();
    long chunk = 1 << 24;
    for (long at = 0; at < bytes.byteSize(); at += chunk) {
      crc.update(bytes.asSlice(at, Math.min(chunk, bytes.byteSize() - at)).asByteBuffer());
    }
    if ((int) crc.getValue() != entry.crc) {
      throw new FormatException(
          file, entry.local, "expected bytes of %s that fit its checksum".formatted(entry.name));
    }
  }

  private MemorySegment inflated(Entry entry, long length) throws FormatException {
    MemorySegment packed = memory.asSlice(offset(entry), entry.packed);
    MemorySegment result = Tensor.zeros(DType.U8, length).memory();
    try (Inflater inflater = new Inflater(true)) {
      byte[] chunk = new byte[1 << 16];
      long read = 0;
      long written = 0;
      while (written < length) {
        if (inflater.needsInput() && read < packed.byteSize()) {
          int next = (int) Math.min(chunk.length, packed.byteSize() - read);
          MemorySegment.copy(packed, ValueLayout.JAVA_BYTE, read, chunk, 0, next);
          inflater.setInput(chunk, 0, next);
          read += next;
        }
        int room = (int) Math.min(1 << 24, length - written);
        int made = inflater.inflate(result.asSlice(written, room).asByteBuffer());
        if (made == 0
            && (inflater.finished() || inflater.needsDictionary() || read == packed.byteSize())) {
          break;
        }
        written += made;
      }
      if (written == length) {
        return result;
      }
    } catch (DataFormatException e) {
      throw new FormatException(
          file,
          entry.local,
          "expected deflated bytes of %s: %s".formatted(entry.name, e.getMessage()));
    }
    throw new FormatException(file, entry.local, "expected the true size of " + entry.name);
  }

  private Entry entry(long at) throws FormatException {
    int nameLength = half(at + 28);
    int extraLength = half(at + 30);
    String name =
        new String(
            slice(at + 46, nameLength).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    int method = half(at + 10);
    long packed = whole(at + 20);
    long size = whole(at + 24);
    long local = whole(at + 42);
    // The 64-bit form of those three that are all ones above, in this order.
    long field = wideField(at + 46 + nameLength, extraLength);
    if (size == ONES && field >= 0) {
      size = wide(field);
      field += Long.BYTES;
    }
    if (packed == ONES && field >= 0) {
      packed = wide(field);
      field += Long.BYTES;
    }
    if (local == ONES && field >= 0) {
      local = wide(field);
    }
    if ((half(at + 8) & 1) != 0 || (method != STORED && method != DEFLATED)) {
      throw new FormatException(
          file, at, "expected %s to be stored or deflated, and not encrypted".formatted(name));
    }
    boolean honest = method == STORED ? packed == size : size / MOST_PACKED <= packed + 1;
    if (size < 0 || packed < 0 || packed > memory.byteSize() || !honest) {
      throw new FormatException(file, at, "expected the true size of " + name);
    }
    return new Entry(name, local, packed, size, word(at + 16), method == STORED);
  }

  /// Where the end of the central directory lies, which a comment may follow.
  private long end() throws FormatException {
    long size = memory.byteSize();
    for (long at = size - END_LENGTH; at >= Math.max(0, size - END_LENGTH - MAX_COMMENT); at--) {
      if (word(at) == END && half(at + 20) == size - END_LENGTH - at) {
        return at;
      }
    }
    throw new FormatException(file, size, "expected the end of a zip file");
  }

  /// Where the field with 64-bit sizes begins, or -1.
  private long wideField(long extra, int length) throws FormatException {
    long at = extra;
    while (at + 4 <= extra + length) {
      if (half(at) == 1) {
        return at + 4;
      }
      at += 4 + half(at + 2);
    }
    return -1;
  }

  private int half(long at) throws FormatException {
    return slice(at, 2).get(SHORT, 0) & 0xffff;
  }

  private int word(long at) throws FormatException {
    return slice(at, 4).get(INT, 0);
  }

  private long whole(long at) throws FormatException {
    return word(at) & ONES;
  }

  private long wide(long at) throws FormatException {
    return slice(at, 8).get(LONG, 0);
  }

  private MemorySegment slice(long at, int length) throws FormatException {
    if (at < 0 || at > memory.byteSize() - length) {
      throw new FormatException(file, memory.byteSize(), "expected a whole zip file");
    }
    return memory.asSlice(at, length);
  }
}
