package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReduceRulesTest {
  private static final Tensor SIX = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
  private static final Tensor SQUARE = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);

  private static Tensor axes(long... axes) {
    return Tensor.of(axes, axes.length);
  }

  @Test
  void takesAxesAsAnAttributeAndAsAnInput() {
    Tensor old = new OneNode("ReduceSum", 11).withList("axes", -1L).input(SIX, "N", 3).result();
    assertThat(old.shape()).containsExactly(2, 1);
    assertThat(old.toFloatArray()).containsExactly(6, 15);
    Tensor now =
        new OneNode("ReduceSum", 13).with("keepdims", 0).input(SIX).constant(axes(0)).result();
    assertThat(now.shape()).containsExactly(3);
    assertThat(now.toFloatArray()).containsExactly(5, 7, 9);
  }

  @Test
  void reducesOverAllAxesOrNoneWithoutAny() {
    assertThat(new OneNode("ReduceMax", 18).with("keepdims", 0).input(SIX).result().toFloatArray())
        .containsExactly(6);
    Tensor none =
        new OneNode("ReduceSumSquare", 18)
            .with("noop_with_empty_axes", 1)
            .input(SIX)
            .constant(axes())
            .result();
    assertThat(none.toFloatArray()).containsExactly(1, 4, 9, 16, 25, 36);
  }

  @Test
  void choosesAmongAxesThatAreKnownWhenTheModelRuns() {
    for (long axis : new long[] {0, 1, -2, -1}) {
      Tensor sum =
          new OneNode("ReduceSum", 13)
              .with("keepdims", 0)
              .input(SQUARE)
              .input(axes(axis))
              .declares(2)
              .result();
      assertThat(sum.toFloatArray())
          .containsExactly(axis % 2 == 0 ? new float[] {4, 6} : new float[] {3, 7});
    }
  }

  @Test
  void asksForSizesWhereAxesAreNotKnown() {
    OneNode node = new OneNode("ReduceSum", 13).input(SQUARE).input(axes(0));
    assertThatThrownBy(node::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("ReduceSum needs its axes");
  }

  @Test
  void refusesAnAxisThatTheTensorLacks() {
    OneNode node = new OneNode("ReduceSum", 11).withList("axes", 2L).input(SIX);
    assertThatThrownBy(node::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("axis 2");
  }

  @Test
  void addsExponentialsOfInfinitiesAndOfLargeNumbers() {
    float inf = Float.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new float[] {-inf, -inf, inf, 1, 1000, 1000}, 3, 2);
    double[] sums =
        new OneNode("ReduceLogSumExp", 18)
            .with("keepdims", 0)
            .input(x)
            .constant(axes(1))
            .result()
            .toDoubleArray();
    assertThat(sums[0]).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(sums[1]).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(sums[2]).isCloseTo(1000 + Math.log(2), within(1e-3));
  }

  @Test
  void findsTheFirstOrTheLastOfEqualExtremes() {
    Tensor x = Tensor.of(DType.U8, new double[] {3, 0, 3, 0}, 4);
    assertThat(new OneNode("ArgMax", 13).with("keepdims", 0).input(x).result().getLong(0))
        .isEqualTo(0);
    assertThat(place("ArgMax", x)).isEqualTo(2);
    assertThat(place("ArgMin", x)).isEqualTo(3);
    Tensor least = Tensor.of(new int[] {Integer.MIN_VALUE, 5, Integer.MAX_VALUE}, 3);
    assertThat(place("ArgMin", least)).isEqualTo(0);
    assertThat(place("ArgMax", least)).isEqualTo(2);
  }

  private static long place(String opType, Tensor x) {
    return new OneNode(opType, 13)
        .with("keepdims", 0)
        .with("select_last_index", 1)
        .input(x)
        .result()
        .getLong(0);
  }

  @Test
  void sumsAlongAnAxisThatIsKnownWhenTheModelRuns() {
    Tensor axis = Tensor.of(new int[] {-2});
    Tensor sums =
        new OneNode("CumSum", 14)
            .with("exclusive", 1)
            .with("reverse", 1)
            .input(SIX)
            .input(axis)
            .result();
    assertThat(sums.toFloatArray()).containsExactly(4, 5, 6, 0, 0, 0);
  }

  @Test
  void takesTheSmallestAlongAnyAxisLowestPlaceFirst() {
    Tensor x = Tensor.of(new int[] {3, 1, 1, 2, 1, 0}, 3, 2);
    List<Tensor> least =
        new OneNode("TopK", 11)
            .with("axis", 0)
            .with("largest", 0)
            .input(x)
            .constant(axes(2))
            .outputs(2)
            .run();
    assertThat(least.get(0).toIntArray()).containsExactly(1, 0, 1, 1);
    assertThat(least.get(1).toLongArray()).containsExactly(1, 2, 2, 0);
  }

  @Test
  void takesAsManyAsTheResultIsDeclaredToHave() {
    Tensor x = Tensor.of(new float[] {1, 3, 2}, 3);
    List<Tensor> largest =
        new OneNode("TopK", 11).input(x).input(axes(2)).declares(2).outputs(2).run();
    assertThat(largest.get(0).toFloatArray()).containsExactly(3, 2);
  }
}
