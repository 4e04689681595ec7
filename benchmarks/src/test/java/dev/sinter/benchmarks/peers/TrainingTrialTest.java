package dev.sinter.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sinter.compiler.measure.MachineLimits;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTrialTest {
  /// Where the build keeps what a bench has unpacked.
  private static final Path LIBRARIES = Path.of("target/libtorch").toAbsolutePath();

  private static TrainingStep step(String name) {
    return switch (name) {
      case "train-gpt" -> TrainingStep.of(name, 2, 8, 2, 64);
      default -> TrainingStep.of(name, 4);
    };
  }

  private static double loss(Contestant contestant) {
    contestant.run();
    Tensor loss = contestant.results().values().iterator().next();
    return loss.getDouble(0);
  }

  @Test
  void stepsOfDifferentSessionsBeginWithTheSameWeightsAndBatches() {
    try (TrainingTrial trial = new TrainingTrial(step("train-gpt"));
        SinterContestant one = trial.ours(1);
        SinterContestant other = trial.ours(1)) {
      double first = loss(one);
      assertThat(first).isPositive().isFinite();
      assertThat(loss(one)).isNotEqualTo(first);
      assertThat(loss(other)).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-mlp", "train-lenet", "train-gpt"})
  void lossesAreThoseOfLibtorch(String name) {
    assumeTrue(Libtorch.isHere(), "libtorch has not been fetched by a bench");
    try (TrainingTrial trial = new TrainingTrial(step(name));
        SinterContestant ours = trial.ours(1);
        LibtorchStep theirs = trial.theirs(LIBRARIES, 1)) {
      assertThat(TrainingTrial.distance(ours, theirs)).isLessThan(1e-4);
    }
  }

  @Test
  void withoutLibtorchARowHasOurTimeAndNoRatio() {
    assumeTrue(!Libtorch.isHere(), "a bench has fetched libtorch");
    try (TrainingTrial trial = new TrainingTrial(step("train-gpt"))) {
      Line line = trial.run("row", 1, new MachineLimits(1, 1), 0.01, LIBRARIES);

      assertThat(line.failure()).isEqualTo("libtorch is not here");
      assertThat(line.ratio()).isZero();
      assertThat(line.oursMs()).isPositive();
    }
  }
}
