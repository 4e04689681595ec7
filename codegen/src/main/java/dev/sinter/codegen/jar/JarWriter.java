package dev.sinter.codegen.jar;

import dev.sinter.runtime.files.AtomicFile;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes JARs whose bytes depend on their content only: entries sorted by name, one fixed time,
/// nothing compressed, since the library that deflates is not the same in every JDK build.
///
/// The manifest is first, as readers of streams expect. An entry from a file begins at a multiple
/// of 64 bytes, so that it can be mapped.
public final class JarWriter {
  private static final String MANIFEST = "META-INF/MANIFEST.MF";

  /// Not January, where ZipEntry takes the time for one before 1980 and writes the time zone too.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private static final int ALIGNMENT = 64;
  private static final int LOCAL_HEADER = 30;

  /// The field that pads, as other tools that align entries write it.
  private static final int PADDING_FIELD = 0xd935;

  private final byte[] manifest;
  private final TreeMap<String, byte[]> entries = new TreeMap<>();
  private final TreeMap<String, Path> files = new TreeMap<>();

  /// A JAR with this manifest.
  ///
  /// @param attributes the main attributes, in their order
  public JarWriter(Map<String, String> attributes) {
    StringBuilder text = new StringBuilder("Manifest-Version: 1.0\r\n");
    attributes.forEach((name, value) -> appendFolded(text, name + ": " + value));
    manifest = text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Adds an entry.
  public void add(String name, byte[] content) {
    entries.put(name, content);
  }

  /// Adds a text.
  public void add(String name, String content) {
    add(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /// Adds the content of a file, aligned.
  public void add(String name, Path content) {
    files.put(name, content);
  }

  /// Adds a class by its binary name.
  public void addClass(String name, byte[] content) {
    add(name.replace('.', '/') + ".class", content);
  }

  /// Writes the JAR, whole or not at all.
  ///
  /// @param size is told its bytes before it takes its place, and may refuse it by throwing
  public void write(Path jar, LongConsumer size) throws IOException {
    AtomicFile.write(
        jar,
        channel -> {
          writeTo(channel);
          size.accept(channel.size());
        });
  }

  private void writeTo(FileChannel channel) throws IOException {
    Counted counted = new Counted(Channels.newOutputStream(channel));
    ZipOutputStream zip = new ZipOutputStream(counted);
    zip.setMethod(ZipOutputStream.STORED);
    put(zip, MANIFEST, manifest);
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      put(zip, entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, Path> file : files.entrySet()) {
      putFile(zip, counted, file.getKey(), file.getValue());
    }
    zip.finish();
    zip.flush();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    zip.putNextEntry(entry(name, content.length, crc));
    zip.write(content);
    zip.closeEntry();
  }

  private static void putFile(ZipOutputStream zip, Counted counted, String name, Path file)
      throws IOException {
    CRC32 crc = new CRC32();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        crc.update(chunk, 0, n);
      }
    }
    ZipEntry entry = entry(name, Files.size(file), crc);
    zip.flush();
    long start = counted.bytes + LOCAL_HEADER + name.getBytes(StandardCharsets.UTF_8).length;
    // Id and length of the field take four bytes, its first two say the alignment.
    int padding = (int) Math.floorMod(-(start + 6), (long) ALIGNMENT);
    byte[] field = new byte[6 + padding];
    field[0] = (byte) PADDING_FIELD;
    field[1] = (byte) (PADDING_FIELD >> 8);
    field[2] = (byte) (2 + padding);
    field[4] = ALIGNMENT;
    entry.setExtra(field);
    zip.putNextEntry(entry);
    Files.copy(file, zip);
    zip.closeEntry();
  }

  private static ZipEntry entry(String name, long size, CRC32 crc) {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTimeLocal(TIME);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc.getValue());
    return entry;
  }

  /// A line of a manifest holds at most 72 bytes; a space begins the rest of it.
  private static void appendFolded(StringBuilder manifest, String line) {
    int room = 70;
    int at = 0;
    while (line.length() - at > room) {
      manifest.append(at == 0 ? "" : " ").append(line, at, at + room).append("\r\n");
      at += room;
      room = 69;
    }
    manifest.append(at == 0 ? "" : " ").append(line, at, line.length()).append("\r\n");
  }

  /// A stream that knows where it stands.
  private static final class Counted extends FilterOutputStream {
    private long bytes;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes++;
    }

    @Override
    public void write(byte[] b, int from, int length) throws IOException {
      out.write(b, from, length);
      bytes += length;
    }
  }
}
