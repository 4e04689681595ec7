package dev.sinter.dsl.load;

import dev.sinter.ir.diagnostic.SourceText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The library that is written in the language and comes with the compiler.
public final class StandardLibrary implements SourceLoader {
  /// The parts whose names need no import; the others are imported by `import std.vision.{...}`.
  static final List<String> IMPLICIT =
      List.of(
          "nn", "activations", "pooling", "losses", "optimizers", "schedules", "metrics", "vision");

  /// The library that lies beside the compiler's classes.
  public StandardLibrary() {}

  @Override
  public Optional<SourceText> load(String path) throws IOException {
    try (InputStream in = StandardLibrary.class.getResourceAsStream("/dev/sinter/dsl/" + path)) {
      if (in == null) {
        return Optional.empty();
      }
      return Optional.of(
          new SourceText(path, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    }
  }
}
