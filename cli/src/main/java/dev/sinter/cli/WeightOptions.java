package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.GivenWeights;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Weights for a model, from a file.
final class WeightOptions {
  @Mixin private RenameOptions renames = new RenameOptions();

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "The weights: safetensors (a file, an index of shards, or their folder), .npz, or a"
              + " PyTorch checkpoint; by default the model's own, or drawn as the text says.")
  private @Nullable Path weights;

  /// `options` with the file, if one was given.
  CompileOptions in(CompileOptions options) throws IOException {
    if (weights == null) {
      if (!renames.rules().isEmpty()) {
        throw new UserFault("--rename and --rename-file need --weights to speak of");
      }
      return options;
    }
    return options.withWeights(new GivenWeights(weights, renames.rules()));
  }

  /// Notes that a model is untrained, if no weights were given and some are not its own.
  ///
  /// @param saved the parameters that have got values
  void noteDrawn(List<ModelGraph.Parameter> saved, Answer answer) {
    if (weights == null
        && !saved.stream().allMatch(p -> p.initializer() instanceof Initializer.Held)) {
      answer.note("The weights are as they begin, untrained; --weights takes trained ones.");
    }
  }
}
