package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.WeightStorage;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What becomes of a model on the way to its kernels, but for their schedules.
final class Lowering {
  @Mixin private Settings settings = new Settings();

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
        "half the memory; int8: those of linear layers rounded to a quarter, with",
        "a scale for each output; all is computed in f32 (default: f32)."
      })
  private WeightStorage storage = WeightStorage.F32;

  /// The values of parameters and open sizes.
  Map<String, String> settings() {
    return settings.values();
  }

  /// All of it, for a compilation.
  CompileOptions options() {
    if (mostTurns < 1) {
      throw new UserFault("--most-turns %d: a loop has at least one turn".formatted(mostTurns));
    }
    return CompileOptions.DEFAULT
        .withSettings(settings())
        .withMostTurns(mostTurns)
        .withMath(math)
        .withStorage(storage);
  }
}
