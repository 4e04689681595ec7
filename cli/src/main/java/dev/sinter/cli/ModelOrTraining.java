package dev.sinter.cli;

import dev.sinter.ir.ModelGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// A file with models and trainings, and one of them.
final class ModelOrTraining {
  @Mixin private ModelChoice model = new ModelChoice();

  @Option(
      names = "--train",
      paramLabel = "NAME",
      description = "This training of the text instead of a model.")
  private @Nullable String training;

  Path file() {
    return model.file();
  }

  /// Reads the file.
  ///
  /// @param answer hears its warnings
  ModelSource read(Answer answer) throws IOException {
    return model.read(answer);
  }

  /// The model or training that was chosen.
  ModelGraph graph(ModelSource source, Map<String, String> settings) throws IOException {
    if (training == null) {
      return model.graph(source, settings);
    }
    if (model.isNamed()) {
      throw new UserFault("--model and --train exclude each other");
    }
    return source.training(training, settings);
  }
}
