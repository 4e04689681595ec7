package dev.sinter.cli;

import dev.sinter.compiler.ScheduleFile;
import dev.sinter.passes.tuning.ScheduleTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which table of measured schedules a compilation asks.
final class ScheduleOptions {
  @Option(
      names = "--schedules",
      paramLabel = "FILE",
      description = {
        "What `sinter tune` measured; by default the file beside the model",
        "that is called as it is and ends in .schedules, if there is one."
      })
  private @Nullable Path file;

  /// The table for a model's file: the one that was asked for, the one beside it, or an empty one.
  ///
  /// @param answer hears that there is one beside it
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when it cannot be read as a table
  ScheduleTable table(Path model, Answer answer) throws IOException {
    if (file != null) {
      return new ScheduleFile(file).read();
    }
    if (!ModelSource.is(model)) {
      return ScheduleTable.EMPTY;
    }
    Optional<ScheduleTable> beside = ScheduleFile.readBeside(model);
    if (beside.isPresent()) {
      answer.note(
          "%d schedules from %s".formatted(beside.get().size(), ScheduleFile.beside(model).file()));
    }
    return beside.orElse(ScheduleTable.EMPTY);
  }
}
