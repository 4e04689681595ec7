package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class MicrosoftQuantRulesTest {
  private final Drawn drawn = new Drawn(12);

  private static OneNode node(String opType) {
    return new OneNode(opType, 21).of(MicrosoftRules.DOMAIN);
  }

  private static Tensor scale(double value) {
    return Tensor.of(new float[] {(float) value});
  }

  private static Tensor point(long value) {
    return Tensor.of(DType.U8, new double[] {value}, 1);
  }

  private static long quantized(double value, double scale, long point) {
    return Math.clamp((long) Math.rint(value / scale) + point, 0, 255);
  }

  @Test
  void addsAndMultipliesWhatBytesStandFor() {
    Tensor a = drawn.bytes(2, 8);
    Tensor b = drawn.bytes(8);
    for (boolean adds : new boolean[] {true, false}) {
      Tensor y =
          node(adds ? "QLinearAdd" : "QLinearMul")
              .input(a, "rows", 8)
              .input(scale(0.25))
              .input(point(120))
              .input(b)
              .input(scale(0.5))
              .leftOut()
              .input(scale(2))
              .input(point(3))
              .result();
      assertThat(y.dtype()).isEqualTo(DType.U8);
      for (int i = 0; i < 16; i++) {
        double left = (a.getLong(i) - 120) * 0.25;
        double right = b.getLong(i % 8) * 0.5;
        assertThat(y.getLong(i)).isEqualTo(quantized(adds ? left + right : left * right, 2, 3));
      }
    }
  }

  @Test
  void appliesFunctionsToWhatBytesStandFor() {
    Tensor x = drawn.bytes(40);
    assertFunction(node("QLinearSigmoid"), x, v -> 1 / (1 + Math.exp(-v)));
    assertFunction(node("QLinearLeakyRelu").with("alpha", 0.5f), x, v -> v < 0 ? 0.5 * v : v);
  }

  private static void assertFunction(OneNode node, Tensor x, DoubleUnaryOperator function) {
    Tensor y =
        node.input(x)
            .input(scale(0.03))
            .input(point(99))
            .input(scale(0.01))
            .input(point(5))
            .result();
    for (int i = 0; i < x.size(); i++) {
      double real = function.applyAsDouble((x.getLong(i) - 99) * 0.03);
      assertThat(y.getLong(i)).isCloseTo(quantized(real, 0.01, 5), within(1L));
    }
  }

  @Test
  void takesTheSoftmaxOfOneAxisOrOfAllThatFollow() {
    Tensor x = Tensor.of(DType.U8, new double[] {0, 10, 20, 10}, 1, 2, 2);
    for (int opset : new int[] {12, 13}) {
      Tensor y =
          node("QLinearSoftmax")
              .with("opset", opset)
              .with("axis", opset < 13 ? 1 : 2)
              .input(x)
              .input(scale(0.1))
              .input(point(0))
              .input(scale(1 / 256.0))
              .input(point(0))
              .result();
      double other = opset < 13 ? Math.exp(1) + Math.exp(2) : 0;
      double share = 1 / (1 + Math.exp(1) + other);
      assertThat(y.getLong(0)).isEqualTo(quantized(share, 1 / 256.0, 0));
    }
  }

  @Test
  void joinsTensorsOfDifferentScales() {
    Tensor y =
        node("QLinearConcat")
            .with("axis", -1)
            .input(scale(0.5))
            .input(point(10))
            .input(Tensor.of(DType.U8, new double[] {1, 2}, 1, 2))
            .input(scale(1))
            .input(point(0))
            .input(Tensor.of(DType.U8, new double[] {200}, 1, 1))
            .input(scale(0.25))
            .input(point(100))
            .result();
    assertThat(y.toLongArray()).containsExactly(12, 14, 60);
  }

  @Test
  void averagesPlacesWhoseChannelsAreLast() {
    Tensor x = drawn.bytes(1, 2, 3, 2);
    Tensor y =
        node("QLinearGlobalAveragePool")
            .with("channels_last", 1)
            .input(x)
            .input(scale(1))
            .input(point(7))
            .input(scale(0.5))
            .input(point(0))
            .result();
    assertThat(y.shape()).containsExactly(1, 1, 1, 2);
    for (int c = 0; c < 2; c++) {
      double sum = 0;
      for (int i = 0; i < 6; i++) {
        sum += x.getLong(2 * i + c) - 7;
      }
      assertThat(y.getLong(c)).isCloseTo(quantized(sum / 6, 0.5, 0), within(1L));
    }
  }

  @Test
  void multipliesIntegersAndScalesEachColumn() {
    Tensor a = drawn.bytes(2, 3);
    Tensor b = drawn.whole(DType.I8, -128, 128, 3, 2);
    Tensor scales = Tensor.of(new float[] {0.5f, 0.25f}, 2);
    Tensor zeros = Tensor.of(DType.I8, new double[] {1, -2}, 2);
    Tensor bias = Tensor.of(new float[] {10, 20}, 2);
    Tensor y =
        node("MatMulIntegerToFloat")
            .input(a)
            .input(b)
            .input(scale(0.5))
            .input(scales)
            .input(point(128))
            .input(zeros)
            .input(bias)
            .result();
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 2; j++) {
        long sum = 0;
        for (int k = 0; k < 3; k++) {
          sum += (a.getLong(3 * i + k) - 128) * (b.getLong(2 * k + j) - zeros.getLong(j));
        }
        double want = sum * 0.5 * scales.getDouble(j) + bias.getDouble(j);
        assertThat(y.getDouble(2 * i + j)).isCloseTo(want, within(1e-3));
      }
    }
  }

  @Test
  void multipliesByWeightsOfFewBitsInBlocks() {
    for (int bits : new int[] {2, 4, 8}) {
      int perByte = 8 / bits;
      int bytes = 16 / perByte;
      int row = (2 + perByte - 1) / perByte;
      Tensor x = drawn.floats(2, 20);
      Tensor weights = drawn.bytes(3, 2, bytes);
      Tensor scales = drawn.floats(6);
      Tensor zeros = drawn.bytes(3L * row);
      Tensor order = drawn.whole(DType.I32, 0, 2, 20);
      for (boolean ordered : new boolean[] {false, true}) {
        OneNode node =
            node("MatMulNBits")
                .with("K", 20)
                .with("N", 3)
                .with("bits", bits)
                .with("block_size", 16)
                .input(x, "rows", 20)
                .constant(weights)
                .constant(scales)
                .constant(zeros);
        Tensor y = (ordered ? node.constant(order) : node).result();
        for (int i = 0; i < 2; i++) {
          for (int n = 0; n < 3; n++) {
            double sum = 0;
            for (int k = 0; k < 20; k++) {
              int block = ordered ? (int) order.getLong(k) : k / 16;
              long q = bits(weights, (2L * n + k / 16) * bytes, k % 16, bits);
              long zero = bits(zeros, (long) n * row, block, bits);
              sum += x.getDouble(20L * i + k) * (q - zero) * scales.getDouble(2L * n + block);
            }
            assertThat(y.getDouble(3L * i + n)).isCloseTo(sum, within(1e-3 * (1 + Math.abs(sum))));
          }
        }
      }
    }
  }

  /// Number `place` of those that begin at a byte, lowest bits first.
  private static long bits(Tensor bytes, long first, int place, int bits) {
    int bit = place * bits;
    return (bytes.getLong(first + bit / 8) >> (bit % 8)) & ((1 << bits) - 1);
  }

  @Test
  void refusesBitsThatNoByteHolds() {
    OneNode node =
        node("MatMulNBits")
            .with("K", 20)
            .with("N", 3)
            .with("bits", 3)
            .with("block_size", 16)
            .input(drawn.floats(2, 20))
            .constant(drawn.bytes(3, 2, 6))
            .constant(drawn.floats(6));
    assertThatThrownBy(node::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("bits 3");
  }
}
