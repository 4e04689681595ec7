package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.Composite;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Composites at logits beyond what `exp` can take.
class StabilityTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  private static double[] run(Composite op, Tensor... inputs) {
    OpCase c = OpCase.of(op, new double[0], inputs);
    return Gradients.run(c.region(), c.inputs()).getFirst().toDoubleArray();
  }

  private static double[] slopes(Composite op, Tensor... inputs) {
    OpCase c = OpCase.of(op, new double[0], inputs);
    return Gradients.run(Gradients.gradient(Gradients.weighted(c.region())), c.inputs())
        .getFirst()
        .toDoubleArray();
  }

  private static Tensor row(double... x) {
    return Tensor.of(DType.F64, x, 1, x.length);
  }

  @Test
  void theSumOfExponentialsTakesLargeAndInfiniteNumbers() {
    assertThat(run(new LogSumExp(1), row(1e4, 1e4)))
        .containsExactly(new double[] {1e4 + Math.log(2)}, within(1e-9));
    assertThat(run(new LogSumExp(1), row(-1e4, -1e4)))
        .containsExactly(new double[] {-1e4 + Math.log(2)}, within(1e-9));
    assertThat(run(new LogSumExp(1), row(-INF, -INF))).containsExactly(-INF);
    assertThat(run(new LogSumExp(1), row(-INF, 2))).containsExactly(2);
    assertThat(run(new LogSumExp(1), row(INF, 2))).containsExactly(INF);
  }

  @Test
  void softmaxTakesHiddenPlaces() {
    assertThat(run(new Softmax(1), row(-INF, 1e4, 1e4))).containsExactly(0, 0.5, 0.5);
    assertThat(slopes(new Softmax(1), row(-INF, 1e4, 1e4))).doesNotContain(Double.NaN);
    assertThat(slopes(new LogSoftmax(1), row(-1e4, 1e4, 0))).doesNotContain(Double.NaN);
  }

  @Test
  void crossEntropyOfALostLabelIsFinite() {
    Tensor label = Nd.ints(new long[] {1}, 0);
    assertThat(run(new CrossEntropy(1), row(-1e4, 1e4, 0), label))
        .containsExactly(new double[] {2e4}, within(1e-9));
    double weight = Gradients.weights(1)[0];
    assertThat(slopes(new CrossEntropy(1), row(-1e4, 1e4, 0), label))
        .containsExactly(new double[] {-weight, weight, 0}, within(1e-12));
  }

  @Test
  void anExampleWithoutAClassCountsNothing() {
    for (int none : List.of(-1, -100, 3)) {
      Tensor label = Nd.ints(new long[] {1}, none);
      assertThat(run(new CrossEntropy(1), row(1, 2, 3), label)).containsExactly(0);
      assertThat(slopes(new CrossEntropy(1), row(1, 2, 3), label)).containsOnly(0);
    }
  }

  @Test
  void argmaxTakesTheFirst() {
    assertThat(run(new Argmax(1, DType.I32), row(1, 3, 3))).containsExactly(1);
    assertThat(run(new Argmax(1, DType.I32), row(-INF, -INF))).containsExactly(0);
    assertThat(run(new Argmax(1, DType.I32), row(1, Double.NaN, 3))).containsExactly(1);
  }

  @Test
  void aConstantRowIsNormalisedToZero() {
    assertThat(run(new LayerNorm(List.of(1), 1e-5), row(4, 4, 4))).containsOnly(0);
    assertThat(slopes(new LayerNorm(List.of(1), 1e-5), row(4, 4, 4))).doesNotContain(Double.NaN);
    assertThat(slopes(new RmsNorm(List.of(1), 1e-5), row(0, 0, 0))).doesNotContain(Double.NaN);
  }
}
