package dev.sinter.runtime.files;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Where the bytes of an entry lie in a JAR, which `java.util.zip` does not tell: found by way of
/// the central directory (PKWARE's APPNOTE.TXT, 4.3), with the 64-bit forms for weights beyond 4
/// GB.
///
/// @param offset of the entry's data in the file
/// @param length of the data as it lies there
/// @param stored whether it lies there uncompressed
record JarEntryRange(String name, long offset, long length, boolean stored) {
  private static final int END = 0x06054b50;
  private static final int END_64_LOCATOR = 0x07064b50;
  private static final int END_64 = 0x06064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_LENGTH = 22;
  private static final int MAX_COMMENT = 0xffff;

  /// Finds an entry; empty where the JAR has none of this name.
  static Optional<JarEntryRange> find(Path jar, String name) throws IOException {
    try (FileChannel channel = FileChannel.open(jar)) {
      return new Search(channel, jar.toString()).find(name);
    }
  }

  /// The uncompressed bytes of an entry that is compressed.
  MemorySegment inflate(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(name);
      // Deflate packs at most 1032 to 1, so a larger size is a lie that would cost memory.
      if (entry == null || entry.getSize() < 0 || entry.getSize() / 1032 > length + 1) {
        throw new FormatException(jar.toString(), offset, "expected the true size of " + name);
      }
      MemorySegment memory = Tensor.zeros(DType.U8, entry.getSize()).memory();
      try (InputStream in = zip.getInputStream(entry)) {
        byte[] chunk = new byte[1 << 16];
        long at = 0;
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          if (at + n > memory.byteSize()) {
            throw new FormatException(jar.toString(), offset, "expected the true size of " + name);
          }
          MemorySegment.copy(MemorySegment.ofArray(chunk), 0, memory, at, n);
          at += n;
        }
        return memory.asSlice(0, at);
      }
    }
  }

  /// A walk through the central directory.
  private record Search(FileChannel channel, String file) {
    Optional<JarEntryRange> find(String name) throws IOException {
      byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
      Directory directory = directory();
      long at = directory.offset;
      for (long i = 0; i < directory.entries; i++) {
        ByteBuffer header = read(at, 46);
        if (header.getInt(0) != CENTRAL) {
          throw new FormatException(file, at, "expected an entry of the central directory");
        }
        int nameLength = header.getShort(28) & 0xffff;
        int extraLength = header.getShort(30) & 0xffff;
        int commentLength = header.getShort(32) & 0xffff;
        if (nameLength == wanted.length
            && read(at + 46, nameLength).equals(ByteBuffer.wrap(wanted))) {
          ByteBuffer extra = read(at + 46 + nameLength, extraLength);
          return Optional.of(range(name, header, extra, at));
        }
        at += 46 + nameLength + extraLength + commentLength;
      }
      return Optional.empty();
    }

    private JarEntryRange range(String name, ByteBuffer header, ByteBuffer extra, long at)
        throws IOException {
      int method = header.getShort(10);
      long packed = header.getInt(20) & 0xffffffffL;
      long size = header.getInt(24) & 0xffffffffL;
      long local = header.getInt(42) & 0xffffffffL;
      // The 64-bit form of those three that are all ones above, in this order.
      int field = wideField(extra);
      if (size == 0xffffffffL && field >= 0) {
        size = wide(extra, field, at);
        field += Long.BYTES;
      }
      if (packed == 0xffffffffL && field >= 0) {
        packed = wide(extra, field, at);
        field += Long.BYTES;
      }
      if (local == 0xffffffffL && field >= 0) {
        local = wide(extra, field, at);
      }
      ByteBuffer localHeader = read(local, 30);
      if (localHeader.getInt(0) != LOCAL) {
        throw new FormatException(file, local, "expected the header of " + name);
      }
      long data =
          local + 30 + (localHeader.getShort(26) & 0xffff) + (localHeader.getShort(28) & 0xffff);
      if (packed < 0 || data > channel.size() - packed || (method == 0 && packed != size)) {
        throw new FormatException(file, at, "expected the true size of " + name);
      }
      return new JarEntryRange(name, data, packed, method == 0);
    }

    private record Directory(long offset, long entries) {}

    private Directory directory() throws IOException {
      long size = channel.size();
      int tail = (int) Math.min(size, END_LENGTH + MAX_COMMENT);
      ByteBuffer end = read(size - tail, tail);
      for (int i = tail - END_LENGTH; i >= 0; i--) {
        if (end.getInt(i) == END && (end.getShort(i + 20) & 0xffff) == tail - END_LENGTH - i) {
          long at = size - tail + i;
          long offset = end.getInt(i + 16) & 0xffffffffL;
          long entries = end.getShort(i + 10) & 0xffffL;
          boolean wide = offset == 0xffffffffL || entries == 0xffff;
          if (wide && at >= 20 && read(at - 20, 20).getInt(0) == END_64_LOCATOR) {
            long end64 = read(at - 20, 20).getLong(8);
            ByteBuffer record = read(end64, 56);
            if (record.getInt(0) != END_64) {
              throw new FormatException(file, end64, "expected the 64-bit end of a JAR");
            }
            return new Directory(record.getLong(48), record.getLong(32));
          }
          return new Directory(offset, entries);
        }
      }
      throw new FormatException(file, size, "expected the end of a JAR");
    }

    private ByteBuffer read(long at, int length) throws IOException {
      if (at < 0 || at > channel.size() - length) {
        throw new FormatException(file, channel.size(), "expected a whole JAR");
      }
      ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, at + buffer.position()) < 0) {
          throw new FormatException(file, at, "expected a whole JAR");
        }
      }
      return buffer.flip();
    }

    private static int wideField(ByteBuffer extra) {
      int at = 0;
      while (at + 4 <= extra.limit()) {
        int length = extra.getShort(at + 2) & 0xffff;
        if (extra.getShort(at) == 1) {
          return at + 4;
        }
        at += 4 + length;
      }
      return -1;
    }

    private long wide(ByteBuffer extra, int field, long at) throws FormatException {
      if (field + Long.BYTES > extra.limit()) {
        throw new FormatException(file, at, "expected a 64-bit size");
      }
      return extra.getLong(field);
    }
  }
}
