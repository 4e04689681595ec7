package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;

/// How a model is compiled, for every command that does.
final class Compilation {
  @Mixin private Lowering lowering = new Lowering();
  @Mixin private ScheduleOptions schedules = new ScheduleOptions();

  /// The values of parameters and open sizes.
  Map<String, String> settings() {
    return lowering.settings();
  }

  /// All of it.
  ///
  /// @param model the model's file, which may have a table of schedules beside it
  /// @param answer hears that it has
  CompileOptions options(Path model, Answer answer) throws IOException {
    return lowering.options().withSchedules(schedules.table(model, answer));
  }
}
