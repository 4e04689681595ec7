package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RandomRulesTest {
  private static final int COUNT = 4000;

  private static double mean(Tensor x) {
    return Arrays.stream(x.toDoubleArray()).average().orElseThrow();
  }

  private static double deviation(Tensor x) {
    double mean = mean(x);
    return Math.sqrt(
        Arrays.stream(x.toDoubleArray()).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }

  private static OneNode drawing(String opType) {
    return new OneNode(opType, 22).withList("shape", (long) COUNT);
  }

  @Test
  void drawsNumbersOfTheDistribution() {
    Tensor even = drawing("RandomUniform").with("low", -1f).with("high", 3f).result();
    assertThat(even.dtype()).isEqualTo(DType.F32);
    assertThat(mean(even)).isCloseTo(1, within(0.1));
    assertThat(deviation(even)).isCloseTo(4 / Math.sqrt(12), within(0.05));
    assertThat(Arrays.stream(even.toDoubleArray()).allMatch(v -> v > -1 && v < 3)).isTrue();
    Tensor normal =
        drawing("RandomNormal").with("mean", 5f).with("scale", 2f).with("dtype", 11).result();
    assertThat(normal.dtype()).isEqualTo(DType.F64);
    assertThat(mean(normal)).isCloseTo(5, within(0.15));
    assertThat(deviation(normal)).isCloseTo(2, within(0.1));
  }

  @Test
  void drawsTheSameInEachRunAndOthersUnderAnotherSeed() {
    double[] first = drawing("RandomNormal").with("seed", 1f).result().toDoubleArray();
    assertThat(drawing("RandomNormal").with("seed", 1f).result().toDoubleArray()).isEqualTo(first);
    assertThat(drawing("RandomNormal").with("seed", 2f).result().toDoubleArray())
        .isNotEqualTo(first);
    assertThat(drawing("RandomNormal").result().toDoubleArray())
        .isEqualTo(drawing("RandomNormal").result().toDoubleArray());
  }

  @Test
  void drawsInTheSizesAndTypeOfAnotherTensor() {
    Tensor like = Tensor.zeros(DType.I32, 3, 2);
    Tensor y = new OneNode("RandomNormalLike", 22).input(like, "rows", 2).result();
    assertThat(y.shape()).containsExactly(3, 2);
    assertThat(y.dtype()).isEqualTo(DType.F32);
    OneNode whole = new OneNode("RandomUniformLike", 22).with("dtype", 6).input(like);
    assertThatThrownBy(whole::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("i32");
  }

  @Test
  void drawsOnesAsOftenAsTheirProbability() {
    Tensor p = Tensor.zeros(DType.F32, COUNT);
    for (int i = 0; i < COUNT; i++) {
      p.setDouble(i, i % 2 == 0 ? 0.25 : i % 4 == 1 ? 0 : 1);
    }
    Tensor y = new OneNode("Bernoulli", 15).with("dtype", 9).input(p).result();
    assertThat(y.dtype()).isEqualTo(DType.BOOL);
    int ones = 0;
    for (int i = 0; i < COUNT; i++) {
      if (i % 2 == 0) {
        ones += (int) y.getLong(i);
      } else {
        assertThat(y.getLong(i)).isEqualTo((long) p.getDouble(i));
      }
    }
    assertThat(ones / (COUNT / 2.0)).isCloseTo(0.25, within(0.04));
  }

  @Test
  void drawsClassesByTheirLogarithms() {
    float none = Float.NEGATIVE_INFINITY;
    Tensor logits = Tensor.of(new float[] {0, (float) Math.log(3), none, none, none, 7}, 2, 3);
    Tensor y =
        new OneNode("Multinomial", 22)
            .with("sample_size", COUNT)
            .with("dtype", 7)
            .input(logits)
            .result();
    assertThat(y.dtype()).isEqualTo(DType.I64);
    assertThat(y.shape()).containsExactly(2, COUNT);
    long[] drawn = y.toLongArray();
    assertThat(Arrays.stream(drawn, 0, COUNT).average().orElseThrow())
        .isCloseTo(0.75, within(0.03));
    assertThat(Arrays.stream(drawn, COUNT, 2 * COUNT).allMatch(v -> v == 2)).isTrue();
  }
}
