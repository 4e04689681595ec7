package dev.sinter.codegen.jar;

import dev.sinter.runtime.files.AtomicFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/// Writes JARs whose bytes depend on their content only: a [StoredZip] of entries sorted by name,
/// what comes from files behind the others. The manifest is first, as readers of streams expect.
public final class JarWriter {
  private static final String MANIFEST = "META-INF/MANIFEST.MF";

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
    StoredZip zip = new StoredZip(Channels.newOutputStream(channel));
    zip.put(MANIFEST, manifest);
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      zip.put(entry.getKey(), entry.getValue());
    }
    for (Map.Entry<String, Path> file : files.entrySet()) {
      zip.put(file.getKey(), file.getValue());
    }
    zip.finish();
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
}
