package dev.sinter.cli;

import dev.sinter.ir.ModelGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// A file with models, and one of them.
final class ModelChoice {
  @Parameters(
      paramLabel = "FILE",
      description = "The model's text (.sinter), or an ONNX model (.onnx).")
  private Path file = Path.of("");

  @Mixin private ModelName name = new ModelName();

  Path file() {
    return file;
  }

  /// Whether the user said which model it is.
  boolean isNamed() {
    return name.get() != null;
  }

  /// Reads the file.
  ///
  /// @param answer hears its warnings
  ModelSource read(Answer answer) throws IOException {
    return ModelSource.read(file, answer);
  }

  /// The model that was chosen.
  ModelGraph graph(ModelSource source, Map<String, String> settings) throws IOException {
    return source.model(name.get(), settings);
  }
}
