package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.ir.ModelGraph;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The model that a training trained, compiled for use.
///
/// @param compiled the model
/// @param weights its parameters and states by the names that they have in the model
record TrainedModel(CompiledModel compiled, Map<String, Tensor> weights) {
  /// Compiles the model and takes its weights out of the training's.
  ///
  /// @param graph the model on its own
  /// @param member what it is called in the training, where each name begins with it
  static TrainedModel of(
      ModelGraph graph, String member, Map<String, Tensor> trained, CompileOptions options) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    trained.forEach((name, value) -> {
      if (name.startsWith(member + ".")) {
        weights.put(name.substring(member.length() + 1), value);
      }
    });
    return new TrainedModel(new Compiler(options).compile(graph), weights);
  }

  /// Writes the weights alone.
  void writeWeights(Path file) throws IOException {
    Safetensors.write(file, weights, Map.of("sinter.model", compiled.graph().name()));
  }
}
