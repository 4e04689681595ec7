package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitializeTest {
  /// As another implementation of Threefry and of the draws gives them.
  private static final double[] EXPECTED = {
    -0.750961495295328, 0.9378611613136555, 0.6021856983773083
  };

  private static Tensor first(long seed, String name, Initializer initializer) {
    return new Initialize(seed)
        .tensor(
            new ModelGraph.Parameter(
                name, TensorType.of(DType.F64, 10_000), initializer, ModelGraph.Kind.WEIGHT));
  }

  private static double mean(Tensor tensor) {
    return Arrays.stream(tensor.toDoubleArray()).average().orElseThrow();
  }

  @Test
  void normalDrawsHaveTheirMeanAndDeviation() {
    Tensor drawn = first(3, "w", new Initializer.Normal(5, 2));
    double mean = mean(drawn);
    double variance =
        Arrays.stream(drawn.toDoubleArray()).map(v -> (v - mean) * (v - mean)).average().orElse(0);
    assertThat(mean).isCloseTo(5, within(0.06));
    assertThat(Math.sqrt(variance)).isCloseTo(2, within(0.05));
  }

  @Test
  void evenDrawsStayBetweenTheirBounds() {
    Tensor drawn = first(3, "w", new Initializer.Uniform(-1, 3));
    assertThat(Arrays.stream(drawn.toDoubleArray())).allMatch(v -> v >= -1 && v < 3);
    assertThat(mean(drawn)).isCloseTo(1, within(0.04));
  }

  @Test
  void nameAndSeedDecide() {
    Initializer normal = new Initializer.Normal(0, 1);
    Tensor drawn = first(3, "a.weight", normal);
    assertThat(first(3, "a.weight", normal).contentEquals(drawn)).isTrue();
    assertThat(first(4, "a.weight", normal).contentEquals(drawn)).isFalse();
    assertThat(first(3, "b.weight", normal).contentEquals(drawn)).isFalse();
    assertThat(first(3, "a.weight\0", normal).contentEquals(drawn)).isFalse();
  }

  @Test
  void theFirstValuesAreTheseOnEveryMachine() {
    double[] drawn = first(1, "fc.weight", new Initializer.Normal(0, 1)).toDoubleArray();
    assertThat(Arrays.copyOf(drawn, 3)).containsExactly(EXPECTED);
  }
}
