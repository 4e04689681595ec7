package dev.sinter.cli;

import dev.sinter.compiler.GivenWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
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

  /// The file, if one was given.
  Optional<GivenWeights> given() throws IOException {
    if (weights == null) {
      if (!renames.rules().isEmpty()) {
        throw new UserFault("--rename and --rename-file need --weights to speak of");
      }
      return Optional.empty();
    }
    return Optional.of(new GivenWeights(weights, renames.rules()));
  }
}
