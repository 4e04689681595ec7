package dev.sinter.dsl;

import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.dsl.format.Formatter;
import dev.sinter.dsl.load.FolderLoader;
import dev.sinter.dsl.parse.SourceParser;
import dev.sinter.ir.diagnostic.Diagnostics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// The one form in which a Sinter text is written, comments kept.
public final class CanonicalForm {
  private CanonicalForm() {}

  /// The canonical form of a file, or nothing where its faults were reported.
  ///
  /// @throws IOException if it cannot be read, is no UTF-8, or is far too large
  public static Optional<String> of(Path file, Diagnostics diagnostics) throws IOException {
    Optional<SourceFile> syntax = SourceParser.parse(FolderLoader.read(file), diagnostics);
    return syntax.map(Formatter::format);
  }
}
