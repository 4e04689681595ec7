package dev.sinter.dsl;

import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.dsl.parse.SourceParser;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The programs that show the language, in its canonical form.
public final class Samples {
  private Samples() {}

  public static List<SourceText> all() {
    try (var files = Files.list(Path.of("src/test/language"))) {
      return files.sorted().map(Samples::read).toList();
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private static SourceText read(Path file) {
    try {
      return new SourceText(String.valueOf(file.getFileName()), Files.readString(file));
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  /// The syntax of a text that has no faults.
  public static SourceFile parse(SourceText source) {
    Diagnostics diagnostics = new Diagnostics();
    return SourceParser.parse(source, diagnostics)
        .orElseThrow(() -> new AssertionError(diagnostics.list().toString()));
  }
}
