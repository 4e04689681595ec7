package dev.sinter.runtime.files;

import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Named tensors in a file: eight bytes that say how long the header is, the header in JSON, the
/// data.
///
/// The file is mapped, so its tensors cost no memory until they are read, and are only good until
/// [#close]. They lie where the file puts them, which need not be aligned to anything.
public final class Safetensors implements AutoCloseable {
  /// The longest header that is read: some 100,000 tensors.
  public static final int MAX_HEADER = 16 << 20;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int ALIGNMENT = 64;

  private final @Nullable MappedFile file;
  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  private Safetensors(
      @Nullable MappedFile file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    this.file = file;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /// No tensors at all.
  public static Safetensors none() {
    return new Safetensors(null, Map.of(), Map.of());
  }

  /// Maps a file.
  ///
  /// @throws FormatException when it is not a safetensors file, or its header does not tell the
  ///   truth
  public static Safetensors open(Path path) throws IOException {
    MappedFile file = MappedFile.open(path);
    try {
      return parse(file, file.segment(), path.toString());
    } catch (FormatException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// Maps an entry of a JAR where it is stored, reads it where it is compressed; empty where there
  /// is no such entry.
  ///
  /// @throws FormatException when the JAR or the entry is not what it should be
  public static Optional<Safetensors> openInJar(Path jar, String entry) throws IOException {
    MappedFile file = MappedFile.open(jar);
    try {
      ZipDirectory zip = ZipDirectory.read(file.segment(), jar.toString());
      Optional<ZipDirectory.Entry> found = zip.find(entry);
      if (found.isPresent()) {
        MemorySegment bytes = zip.bytes(found.get());
        return Optional.of(parse(file, bytes, jar + "!/" + entry));
      }
      file.close();
      return Optional.empty();
    } catch (FormatException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /// Reads what lies in memory, which the tensors share; `source` names it in faults.
  ///
  /// @throws FormatException when it is not a safetensors file, or its header does not tell the
  ///   truth
  public static Safetensors read(MemorySegment memory, String source) throws FormatException {
    return parse(null, memory, source);
  }

  /// The tensors by name, in the order of their data.
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /// The free texts that the header carries.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// Ends the mapping, and with it the use of the tensors.
  @Override
  public void close() {
    tensors.values().forEach(Tensor::close);
    if (file != null) {
      file.close();
    }
  }

  /// Writes tensors to a file, whole or not at all.
  ///
  /// The data begins at a multiple of 64 bytes and is ordered by element size, largest first, then
  /// by name: so each tensor is aligned to its elements, and the same tensors give the same bytes.
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    AtomicFile.write(path, channel -> write(channel, tensors, metadata));
  }

  /// Writes tensors to a channel, from where it stands.
  public static void write(
      FileChannel channel, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.<Map.Entry<String, Tensor>>comparingInt(e -> -e.getValue().dtype().bits())
            .thenComparing(Map.Entry::getKey));
    byte[] header = header(ordered, metadata);
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    writeAll(channel, length.putLong(0, header.length));
    writeAll(channel, ByteBuffer.wrap(header));
    for (Map.Entry<String, Tensor> entry : ordered) {
      MemorySegment memory = entry.getValue().memory();
      long chunk = 1 << 24;
      for (long at = 0; at < memory.byteSize(); at += chunk) {
        long size = Math.min(chunk, memory.byteSize() - at);
        writeAll(channel, memory.asSlice(at, size).asByteBuffer());
      }
    }
  }

  private static byte[] header(
      List<Map.Entry<String, Tensor>> ordered, Map<String, String> metadata) {
    StringBuilder header = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      header.append("\"__metadata__\":{");
      new TreeMap<>(metadata)
          .forEach((key, value) -> {
            quote(header, key).append(':');
            quote(header, value).append(',');
          });
      header.setCharAt(header.length() - 1, '}');
      header.append(',');
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : ordered) {
      Tensor tensor = entry.getValue();
      quote(header, entry.getKey())
          .append(":{\"dtype\":\"")
          .append(tensor.dtype().safetensorsName())
          .append("\",\"shape\":[");
      for (int axis = 0; axis < tensor.rank(); axis++) {
        header.append(axis == 0 ? "" : ",").append(tensor.dim(axis));
      }
      header.append("],\"data_offsets\":[").append(offset).append(',');
      offset += tensor.bytes();
      header.append(offset).append("]},");
    }
    if (header.length() > 1) {
      header.setLength(header.length() - 1);
    }
    byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(Long.BYTES + text.length, ALIGNMENT) * ALIGNMENT - Long.BYTES;
    byte[] result = new byte[padded];
    java.util.Arrays.fill(result, (byte) ' ');
    System.arraycopy(text, 0, result, 0, text.length);
    return result;
  }

  private static StringBuilder quote(StringBuilder to, String text) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c < ' ') {
        to.append("\\u%04x".formatted((int) c));
      } else {
        to.append(c);
      }
    }
    return to.append('"');
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static Safetensors parse(@Nullable MappedFile file, MemorySegment memory, String source)
      throws FormatException {
    if (memory.byteSize() < Long.BYTES) {
      throw new FormatException(
          source, memory.byteSize(), "expected 8 bytes that say how long the header is");
    }
    long length = memory.get(LENGTH, 0);
    long limit = Math.min(MAX_HEADER, memory.byteSize() - Long.BYTES);
    if (length < 2 || length > limit) {
      throw new FormatException(
          source,
          0,
          "expected a header of 2 to %d bytes, not %s"
              .formatted(limit, Long.toUnsignedString(length)));
    }
    byte[] text = memory.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    long data = Long.BYTES + length;
    HeaderScanner scanner = new HeaderScanner(source, text, Long.BYTES);
    SafetensorsHeader header = SafetensorsHeader.parse(scanner, memory.byteSize() - data);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (SafetensorsHeader.Entry entry : header.entries()) {
      MemorySegment slice = memory.asSlice(data + entry.begin(), entry.end() - entry.begin());
      tensors.put(entry.name(), Tensor.wrap(entry.dtype(), slice, entry.shape()));
    }
    return new Safetensors(file, tensors, header.metadata());
  }
}
