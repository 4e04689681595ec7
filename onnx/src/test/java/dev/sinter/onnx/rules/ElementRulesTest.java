package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import org.junit.jupiter.api.Test;

class ElementRulesTest {
  private static Tensor floats(float... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void repeatsSizesOfOne() {
    Tensor sum =
        new OneNode("Add", 14)
            .input(Tensor.of(new float[] {1, 2}, 2, 1), "N", 1)
            .input(floats(10, 20, 30))
            .result();
    assertThat(sum.shape()).containsExactly(2, 3);
    assertThat(sum.toFloatArray()).containsExactly(11, 21, 31, 12, 22, 32);
  }

  @Test
  void placesTheSecondOperandAtAnAxisBeforeVersion7() {
    Tensor sum =
        new OneNode("Add", 6)
            .with("broadcast", 1)
            .with("axis", 0)
            .input(Tensor.of(new float[] {1, 2, 3, 4}, 2, 2))
            .input(floats(10, 20))
            .result();
    assertThat(sum.toFloatArray()).containsExactly(11, 12, 23, 24);
  }

  @Test
  void saysWhichSizesDoNotFit() {
    OneNode node = new OneNode("Mul", 14).input(floats(1, 2)).input(floats(1, 2, 3));
    assertThatThrownBy(node::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("Mul")
        .hasMessageContaining("2 and 3");
  }

  @Test
  void takesRemaindersWithTheSignOfEitherOperand() {
    Tensor a = Tensor.of(new int[] {-7, 7, -7, 7}, 4);
    Tensor b = Tensor.of(new int[] {3, 3, -3, -3}, 4);
    assertThat(new OneNode("Mod", 13).input(a).input(b).result().toIntArray())
        .containsExactly(2, 1, -1, -2);
    assertThat(new OneNode("Mod", 13).with("fmod", 1).input(a).input(b).result().toIntArray())
        .containsExactly(-1, 1, -1, 1);
    Tensor real =
        new OneNode("Mod", 13)
            .with("fmod", 1)
            .input(floats(-7.5f, 7.5f))
            .input(floats(2, -2))
            .result();
    assertThat(real.toFloatArray()).containsExactly(-1.5f, 1.5f);
  }

  @Test
  void raisesIntegersToFloatsAndBack() {
    Tensor power =
        new OneNode("Pow", 15)
            .input(Tensor.of(new int[] {4, 9, 2}, 3))
            .input(floats(0.5f, 1.5f, -1))
            .result();
    assertThat(power.dtype()).isEqualTo(DType.I32);
    assertThat(power.toIntArray()).containsExactly(2, 27, 0);
  }

  @Test
  void clipsByAttributesByInputsOrByOneOfThem() {
    Tensor x = floats(-5, 0, 5);
    Tensor attributes = new OneNode("Clip", 6).with("min", -1f).with("max", 1f).input(x).result();
    assertThat(attributes.toFloatArray()).containsExactly(-1, 0, 1);
    Tensor upper =
        new OneNode("Clip", 13).input(x).leftOut().input(Tensor.of(new float[] {2})).result();
    assertThat(upper.toFloatArray()).containsExactly(-5, 0, 2);
  }

  @Test
  void keepsTheDigitsOfHyperbolicFunctionsNearZeroAndFarAway() {
    Tensor near = floats(1e-6f);
    assertThat(new OneNode("Sinh", 22).input(near).result().getDouble(0))
        .isCloseTo(1e-6, within(1e-12));
    assertThat(new OneNode("Asinh", 22).input(near).result().getDouble(0))
        .isCloseTo(1e-6, within(1e-12));
    assertThat(new OneNode("Asinh", 22).input(floats(-1e30f)).result().getDouble(0))
        .isCloseTo(-(Math.log(1e30) + Math.log(2)), within(1e-4));
    assertThat(new OneNode("Asinh", 22).input(floats(0)).result().getDouble(0)).isZero();
    assertThat(new OneNode("Atanh", 22).input(near).result().getDouble(0))
        .isCloseTo(1e-6, within(1e-12));
  }

  @Test
  void takesAxesTogetherBeforeVersion13() {
    Tensor x = Tensor.of(new float[] {1, 1, 1, 1}, 1, 2, 2);
    assertThat(new OneNode("Softmax", 11).input(x).result().toFloatArray())
        .containsExactly(0.25f, 0.25f, 0.25f, 0.25f);
    assertThat(new OneNode("Softmax", 13).input(x).result().toFloatArray())
        .containsExactly(0.5f, 0.5f, 0.5f, 0.5f);
  }

  @Test
  void shiftsOutAllBits() {
    Tensor x = Tensor.of(DType.U8, new double[] {255, 255, 3}, 3);
    Tensor by = Tensor.of(DType.U8, new double[] {8, 4, 1}, 3);
    assertThat(
            new OneNode("BitShift", 11)
                .with("direction", "LEFT")
                .input(x)
                .input(by)
                .result()
                .toLongArray())
        .containsExactly(0, 240, 6);
  }

  @Test
  void givesASlopeToEachChannelBeforeVersion7() {
    Tensor slopes = floats(2, 3);
    Tensor x = Tensor.of(new float[] {-1, -1, -1, 5}, 1, 2, 2);
    assertThat(new OneNode("PRelu", 6).input(x).input(slopes).result().toFloatArray())
        .containsExactly(-2, -2, -3, 5);
    assertThat(new OneNode("PRelu", 16).input(x).input(slopes).result().toFloatArray())
        .containsExactly(-2, -3, -2, 5);
  }
}
