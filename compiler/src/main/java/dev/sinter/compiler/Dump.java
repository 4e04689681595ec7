package dev.sinter.compiler;

import dev.sinter.ir.Graph;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.passes.Watcher;
import dev.sinter.runtime.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// Writes the text of each stage into a folder, numbered in the order of the stages; or nothing,
/// without a folder.
final class Dump implements Watcher {
  private final Optional<Path> folder;
  private int number;

  Dump(Optional<Path> folder) {
    this.folder = folder;
  }

  /// Writes what stage `name` made.
  void stage(String name, String text) {
    int mine = number++;
    folder.ifPresent(f -> write(f.resolve("%02d-%s.txt".formatted(mine, name)), text));
  }

  @Override
  public void changed(String pass, Graph graph) {
    stage(pass, GraphPrinter.print(graph));
  }

  /// Writes a file of a stage under its own path.
  void file(String path, String text) {
    folder.ifPresent(f -> write(f.resolve(path), text));
  }

  private static void write(Path file, String text) {
    try {
      AtomicFile.write(
          file,
          channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
              channel.write(bytes);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("the dump cannot be written", e);
    }
  }
}
