package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.WeightStorage;
import java.util.Map;
import picocli.CommandLine.Option;

/// Values of a model's or training's parameters, or of sizes that an ONNX model leaves open.
final class Settings {
  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = {
        "Give a parameter of the model or training another value, as a literal;",
        "of an ONNX model, a number to a size that the file leaves open."
      })
  private Map<String, String> values = Map.of();

  @Option(
      names = "--most-turns",
      paramLabel = "N",
      description = {
        "Let a loop whose number of turns is no size of the model run so often at most;",
        "one that goes on fails (default: ${DEFAULT-VALUE})."
      })
  private long mostTurns = CompileOptions.MOST_TURNS;

  @Option(
      names = "--math",
      paramLabel = "MODE",
      description = {
        "fast: convolutions in fewer multiplications, scales folded into weights,",
        "where that is faster; exact: neither (default: fast)."
      })
  private MathMode math = MathMode.FAST;

  @Option(
      names = "--weight-storage",
      paramLabel = "TYPE",
      description = {
        "f32: the weights of products are kept as they are; bf16: rounded to",
        "half the memory, while all is computed in f32 (default: f32)."
      })
  private WeightStorage storage = WeightStorage.F32;

  /// In how much memory weights are kept.
  WeightStorage storage() {
    return storage;
  }

  /// How free the compilation is in rounding.
  MathMode math() {
    return math;
  }

  /// The most turns of a loop.
  long mostTurns() {
    if (mostTurns < 1) {
      throw new UserFault("--most-turns %d: a loop has at least one turn".formatted(mostTurns));
    }
    return mostTurns;
  }

  Map<String, String> values() {
    return values;
  }
}
