package dev.sinter.cli;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.Label;
import dev.sinter.ir.diagnostic.Span;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a program reads on stdout when a command with `--json` failed.
///
/// @param schema says what this document is
/// @param exitCode the exit code of the process
/// @param message what is wrong, in a sentence or a few lines
/// @param diagnostics the faults in the user's text, if there are such
/// @param dump where a bug's details lie, if it is one
record FaultDocument(
    String schema, int exitCode, String message, List<Entry> diagnostics, @Nullable Path dump) {
  static final String SCHEMA = "sinter.fault/1";

  /// A diagnostic; the fields are those of [Diagnostic].
  record Entry(
      String code,
      String severity,
      String message,
      @Nullable Place place,
      List<Place> related,
      List<String> notes,
      List<String> help) {
    static Entry of(Diagnostic diagnostic) {
      return new Entry(
          diagnostic.code().code(),
          diagnostic.severity().word(),
          diagnostic.message(),
          diagnostic.span().isNone() ? null : Place.of(diagnostic.primary()),
          diagnostic.secondary().stream().map(Place::of).toList(),
          diagnostic.notes(),
          diagnostic.help());
    }
  }

  /// A stretch of a file: lines and columns count from 1, the end is the first column after it.
  record Place(String file, int line, int column, int endLine, int endColumn, String text) {
    static Place of(Label label) {
      Span span = label.span();
      return new Place(
          absolute(span.source().name()),
          span.line(),
          span.column(),
          span.source().line(span.end()),
          span.source().column(span.end()),
          label.text());
    }

    /// Names that are no files stay as they are, such as those of the standard library.
    private static String absolute(String name) {
      try {
        Path path = Path.of(name);
        return Files.exists(path) ? path.toAbsolutePath().normalize().toString() : name;
      } catch (InvalidPathException e) {
        return name;
      }
    }
  }
}
