package dev.sinter.compiler;

import dev.sinter.ir.Graph;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.passes.FusedGraph;
import dev.sinter.passes.FusedGraphPrinter;
import dev.sinter.passes.Watcher;
import dev.sinter.runtime.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// Tells an observer of each stage, and writes its text into a folder, numbered in the order of the
/// stages; or nothing, without a folder.
final class Dump implements Watcher {
  private final Optional<Path> folder;
  private final StageObserver observer;
  private int number;

  Dump(Optional<Path> folder, StageObserver observer) {
    this.folder = folder;
    this.observer = observer;
  }

  /// Writes what stage `name` made.
  void stage(String name, Supplier<String> text) {
    int mine = number++;
    observer.stage(name, text);
    folder.ifPresent(f -> write(f.resolve("%02d-%s.txt".formatted(mine, name)), text.get()));
  }

  @Override
  public void changed(String pass, Graph graph) {
    stage(pass, () -> GraphPrinter.print(graph));
  }

  @Override
  public void fused(FusedGraph graph) {
    stage("fused", () -> FusedGraphPrinter.print(graph));
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
