package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.Tensor;
import org.junit.jupiter.api.Test;

class LayoutRulesTest {
  private static final Tensor SIX = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
  private static final Tensor ROW = Tensor.of(new float[] {1, 2, 3, 4}, 4);

  private static Tensor longs(long... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void keepsAndInfersSizesOfAnOpenBatch() {
    Tensor y = new OneNode("Reshape", 13).input(SIX, "N", 3).constant(longs(0, -1, 1)).result();
    assertThat(y.shape()).containsExactly(2, 3, 1);
    Tensor flat = new OneNode("Flatten", 13).with("axis", -1).input(SIX, "N", 3).result();
    assertThat(flat.shape()).containsExactly(2, 3);
  }

  @Test
  void namesASizeThatIsNotThereToKeep() {
    assertThatThrownBy(
            () -> new OneNode("Reshape", 13).input(ROW).constant(longs(2, 2, 0)).result())
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("keeps size 2");
  }

  @Test
  void slicesBackwardsAndFromBehind() {
    Tensor back =
        new OneNode("Slice", 13)
            .input(SIX, "N", 3)
            .constant(longs(-1))
            .constant(longs(Long.MIN_VALUE))
            .constant(longs(-1))
            .constant(longs(-2))
            .result();
    assertThat(back.toFloatArray()).containsExactly(3, 1, 6, 4);
    Tensor last =
        new OneNode("Slice", 9)
            .withList("starts", -1L)
            .withList("ends", Long.MAX_VALUE)
            .input(SIX, "N", 3)
            .result();
    assertThat(last.toFloatArray()).containsExactly(4, 5, 6);
  }

  @Test
  void slicesByNumbersThatAreKnownWhenTheModelRuns() {
    for (long start : new long[] {0, 1, 2, -2}) {
      Tensor y =
          new OneNode("Slice", 13)
              .input(ROW)
              .input(longs(start))
              .input(longs(start + 2))
              .declares(2)
              .result();
      int first = (int) (start < 0 ? start + 4 : start);
      assertThat(y.toFloatArray()).containsExactly(first + 1, first + 2);
    }
  }

  @Test
  void padsByEveryModeAndCutsByNegativePads() {
    assertThat(padded("constant", 1, 2)).containsExactly(0, 1, 2, 3, 4, 0, 0);
    assertThat(padded("edge", 1, 2)).containsExactly(1, 1, 2, 3, 4, 4, 4);
    assertThat(padded("reflect", 1, 2)).containsExactly(2, 1, 2, 3, 4, 3, 2);
    assertThat(padded("reflect", 4, 0)).containsExactly(3, 4, 3, 2, 1, 2, 3, 4);
    assertThat(padded("wrap", 1, 2)).containsExactly(4, 1, 2, 3, 4, 1, 2);
    assertThat(padded("edge", -1, 1)).containsExactly(2, 3, 4, 4);
  }

  /// The same pads as constants and as numbers that are read when the model runs.
  private static float[] padded(String mode, long low, long high) {
    Tensor fixed =
        new OneNode("Pad", 19)
            .with("mode", mode)
            .input(ROW, "N")
            .constant(longs(low, high))
            .result();
    Tensor read =
        new OneNode("Pad", 19)
            .with("mode", mode)
            .input(ROW)
            .input(longs(low, high))
            .declares(4 + low + high)
            .result();
    assertThat(read.toFloatArray()).containsExactly(fixed.toFloatArray());
    return fixed.toFloatArray();
  }

  @Test
  void lastUpdateOfAPlaceStaysOrAllAreJoined() {
    Tensor places = longs(-1, 0, 3);
    Tensor updates = Tensor.of(new float[] {10, 20, 30}, 3);
    assertThat(scattered("none", places, updates)).containsExactly(20, 2, 3, 30);
    assertThat(scattered("add", places, updates)).containsExactly(21, 2, 3, 44);
    assertThat(scattered("mul", places, updates)).containsExactly(20, 2, 3, 1200);
    assertThat(scattered("min", places, updates)).containsExactly(1, 2, 3, 4);
  }

  private static float[] scattered(String reduction, Tensor places, Tensor updates) {
    return new OneNode("ScatterElements", 18)
        .with("reduction", reduction)
        .input(ROW, "N")
        .input(places)
        .input(updates)
        .result()
        .toFloatArray();
  }

  @Test
  void countsOnlyWhatLiesInTheImageOfAverages() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5}, 1, 1, 5);
    Tensor y =
        new OneNode("AveragePool", 22)
            .withList("kernel_shape", 2L)
            .withList("strides", 2L)
            .with("ceil_mode", 1)
            .input(x, 1, 1, "L")
            .result();
    assertThat(y.toFloatArray()).containsExactly(1.5f, 3.5f, 5);
  }

  @Test
  void stretchesAnOpenSize() {
    Tensor x = Tensor.of(new float[] {1, 3}, 1, 1, 2);
    Tensor y =
        new OneNode("Resize", 19)
            .with("mode", "linear")
            .input(x, 1, 1, "L")
            .leftOut()
            .constant(Tensor.of(new float[] {1, 1, 2}, 3))
            .result();
    assertThat(y.toFloatArray()).containsExactly(1, 1.5f, 2.5f, 3);
  }
}
