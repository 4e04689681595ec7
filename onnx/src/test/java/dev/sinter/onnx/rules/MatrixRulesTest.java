package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixRulesTest {
  private static final Tensor ROW = Tensor.of(new float[] {1, 2}, 2);
  private static final Tensor SQUARE = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);

  private static Tensor einsum(String equation, Tensor... operands) {
    OneNode node = new OneNode("Einsum", 12).with("equation", equation);
    for (Tensor operand : operands) {
      node.input(operand);
    }
    return node.result();
  }

  @Test
  void multipliesVectorsAndStacks() {
    assertThat(new OneNode("MatMul", 13).input(ROW).input(SQUARE).result().toFloatArray())
        .containsExactly(7, 10);
    assertThat(new OneNode("MatMul", 13).input(SQUARE).input(ROW).result().toFloatArray())
        .containsExactly(5, 11);
    assertThat(new OneNode("MatMul", 13).input(ROW).input(ROW).result().shape()).isEmpty();
    Tensor stack = Tensor.of(new float[] {1, 0, 0, 1, 2, 0, 0, 2}, 2, 1, 2, 2);
    Tensor product =
        new OneNode("MatMul", 13)
            .input(stack, "N", 1, 2, 2)
            .input(Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2))
            .result();
    assertThat(product.shape()).containsExactly(2, 2, 2, 2);
    assertThat(product.toFloatArray())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 2, 4, 6, 8, 10, 12, 14, 16);
  }

  @Test
  void sumsWhatTheEquationDoesNotName() {
    assertThat(einsum("ij,jk->ik", SQUARE, SQUARE).toFloatArray()).containsExactly(7, 10, 15, 22);
    assertThat(einsum("ij", SQUARE).toFloatArray()).containsExactly(1, 2, 3, 4);
    assertThat(einsum("ji", SQUARE).toFloatArray()).containsExactly(1, 3, 2, 4);
    assertThat(einsum("ii->i", SQUARE).toFloatArray()).containsExactly(1, 4);
    assertThat(einsum("ii", SQUARE).toFloatArray()).containsExactly(5);
    assertThat(einsum("i,j,i->j", ROW, ROW, ROW).toFloatArray()).containsExactly(5, 10);
    Tensor one = Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 2);
    assertThat(einsum("...ij,...j->...i", one, ROW).shape()).containsExactly(1, 2);
    assertThat(einsum("...ij,...j->...i", one, ROW).toFloatArray()).containsExactly(5, 11);
  }

  @Test
  void refusesEquationsThatDoNotFit() {
    assertThatThrownBy(() -> einsum("ijk->i", SQUARE)).isInstanceOf(DiagnosticException.class);
    assertThatThrownBy(() -> einsum("ij->k", SQUARE)).isInstanceOf(DiagnosticException.class);
    assertThatThrownBy(() -> einsum("i-j", SQUARE)).isInstanceOf(DiagnosticException.class);
  }

  @Test
  void quantizesAlongAnAxisHeldInTheTypesRange() {
    Tensor y =
        new OneNode("QuantizeLinear", 21)
            .with("axis", 0)
            .input(Tensor.of(new float[] {2.5f, 1000, -3, -1000}, 2, 2))
            .input(Tensor.of(new float[] {1, 2}, 2))
            .input(Tensor.of(DType.I8, new double[] {0, 1}, 2))
            .result();
    assertThat(y.dtype()).isEqualTo(DType.I8);
    assertThat(y.toLongArray()).containsExactly(2, 127, -1, -128);
  }

  @Test
  void takesAScaleForEachBlock() {
    Tensor y =
        new OneNode("DequantizeLinear", 21)
            .with("axis", 0)
            .with("block_size", 2)
            .input(Tensor.of(DType.U8, new double[] {1, 2, 3}, 3))
            .input(Tensor.of(new float[] {10, 100}, 2))
            .result();
    assertThat(y.toFloatArray()).containsExactly(10, 20, 300);
  }

  @Test
  void takesZeroPointsOfRowsAndColumns() {
    Tensor a = Tensor.of(DType.U8, new double[] {1, 2, 3, 4}, 2, 2);
    Tensor product =
        new OneNode("MatMulInteger", 10)
            .input(a)
            .input(a)
            .input(Tensor.of(DType.U8, new double[] {1, 3}, 2))
            .input(Tensor.of(DType.U8, new double[] {0, 4}, 2))
            .result();
    assertThat(product.dtype()).isEqualTo(DType.I32);
    assertThat(product.toIntArray()).containsExactly(3, 0, 3, 0);
  }

  @Test
  void convolvesQuantizedTensorsWithAZeroPointForEachFilter() {
    Tensor x = Tensor.of(DType.U8, new double[] {1, 2, 3, 4}, 1, 1, 4);
    Tensor w = Tensor.of(DType.U8, new double[] {1, 1, 3, 2}, 2, 1, 2);
    Tensor sums =
        new OneNode("ConvInteger", 10)
            .withList("pads", 1L, 0L)
            .input(x)
            .input(w)
            .input(Tensor.of(DType.U8, new double[] {1}))
            .input(Tensor.of(DType.U8, new double[] {0, 2}, 2))
            .result();
    assertThat(sums.toIntArray()).containsExactly(0, 1, 3, 5, 0, 0, 1, 2);
    Tensor y =
        new OneNode("QLinearConv", 10)
            .input(x)
            .input(Tensor.of(new float[] {0.5f}))
            .input(Tensor.of(DType.U8, new double[] {1}))
            .input(w)
            .input(Tensor.of(new float[] {1, 4}, 2))
            .input(Tensor.of(DType.U8, new double[] {0, 2}, 2))
            .input(Tensor.of(new float[] {0.5f}))
            .input(Tensor.of(DType.U8, new double[] {10}))
            .input(Tensor.of(new int[] {0, 1}, 2))
            .result();
    assertThat(y.dtype()).isEqualTo(DType.U8);
    assertThat(y.toLongArray()).containsExactly(11, 13, 15, 14, 18, 22);
  }

  @Test
  void quantizesByTheRangeOfTheInput() {
    List<Tensor> all =
        new OneNode("DynamicQuantizeLinear", 11)
            .input(Tensor.of(new float[] {-1, 0, 254}, 3))
            .outputs(3)
            .run();
    assertThat(all.get(0).toLongArray()).containsExactly(0, 1, 255);
    assertThat(all.get(1).toFloatArray()).containsExactly(1);
    assertThat(all.get(2).toLongArray()).containsExactly(1);
  }
}
