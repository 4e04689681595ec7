package dev.sinter.compiler;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.passes.tuning.TableText;
import dev.sinter.runtime.files.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A file that holds a table of schedules.
///
/// @param file where it lies
public record ScheduleFile(Path file) {
  private static final String ENDING = ".schedules";

  /// The file that belongs to a model's file: `net.schedules` beside `net.sinter`.
  public static ScheduleFile beside(Path model) {
    String name = String.valueOf(model.getFileName());
    int dot = name.lastIndexOf('.');
    return new ScheduleFile(
        model.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ENDING));
  }

  /// The table that belongs to a model's file, if it has one.
  ///
  /// @throws DiagnosticException when it cannot be read as one
  public static Optional<ScheduleTable> readBeside(Path model) throws IOException {
    ScheduleFile beside = beside(model);
    return Files.isRegularFile(beside.file()) ? Optional.of(beside.read()) : Optional.empty();
  }

  /// The table in the file.
  ///
  /// @throws DiagnosticException for every line that is no entry, and for what is no file
  public ScheduleTable read() throws IOException {
    if (Files.isDirectory(file)) {
      throw new DiagnosticException(
          Diagnostic.error(
                  DiagnosticCode.FILE_NOT_READABLE,
                  Span.NONE,
                  "%s is a folder, not a table of schedules".formatted(file))
              .help("name the file that `sinter tune` wrote"));
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(TableText.MOST_BYTES + 1);
    }
    if (bytes.length > TableText.MOST_BYTES) {
      throw new DiagnosticException(
          Diagnostic.error(
                  DiagnosticCode.FILE_TOO_LARGE,
                  Span.NONE,
                  "%s is larger than a table of schedules may be".formatted(file))
              .note("at most %d bytes are read".formatted(TableText.MOST_BYTES))
              .help("delete it and run `sinter tune` again"));
    }
    return TableText.parse(
        new SourceText(file.toString(), new String(bytes, StandardCharsets.UTF_8)));
  }

  /// Writes `table`, whole or not at all.
  public void write(ScheduleTable table) throws IOException {
    ByteBuffer text = ByteBuffer.wrap(TableText.print(table).getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(
        file,
        channel -> {
          while (text.hasRemaining()) {
            channel.write(text);
          }
        });
  }
}
