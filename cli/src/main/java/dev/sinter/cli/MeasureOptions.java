package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.KnownSizes;
import dev.sinter.compiler.measure.Measurement;
import dev.sinter.compiler.tune.Tuner;
import dev.sinter.ir.kernel.CpuTier;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Whether and how a compiled model's steps are measured.
final class MeasureOptions {
  private static final double LONGEST = 86_400;

  @Option(
      names = "--measure",
      description = {
        "Run each function on random inputs, and say for each step which share of the",
        "roofline it reaches on this machine and why not more; and how exact convolutions",
        "are for which there is more than one way."
      })
  private boolean measure;

  @Option(
      names = "--seconds",
      description = "How long measuring may take, about (default: ${DEFAULT-VALUE}).")
  private double seconds = 20;

  @Mixin private Threads threads = new Threads();
  @Mixin private InputShapeOption inputs = new InputShapeOption();

  /// What was measured, or null if nobody asked.
  ///
  /// @param options as which it was compiled
  @Nullable Measurement of(CompiledModel compiled, CompileOptions options, Answer answer)
      throws IOException {
    if (!measure) {
      return null;
    }
    if (!(seconds > 0 && seconds <= LONGEST)) {
      throw new UserFault("--seconds is more than 0 and at most %.0f".formatted(LONGEST));
    }
    if (Tuner.tier() == CpuTier.SCALAR) {
      throw new UserFault("kernels without the Vector API are far from any roofline");
    }
    Measurement measured =
        Measurement.of(
            compiled,
            options,
            compiled.weights(options),
            inputs.shapes(),
            threads.count(),
            seconds);
    if (!measured.assumed().isEmpty()) {
      answer.note(
          "%s taken for %d; --input-shape gives other sizes"
              .formatted(String.join(", ", measured.assumed()), KnownSizes.TYPICAL));
    }
    return measured;
  }
}
