package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class MicrosoftFusedRulesTest {
  private final Drawn drawn = new Drawn(13);

  private static OneNode node(String opType) {
    return new OneNode(opType, 21).of(MicrosoftRules.DOMAIN);
  }

  @Test
  void normalizesGroupsOfChannelsThatAreLast() {
    Tensor x = drawn.floats(2, 3, 1, 4);
    Tensor skip = drawn.floats(2, 4);
    Tensor gamma = drawn.floats(4);
    Tensor beta = drawn.floats(4);
    Tensor bias = drawn.floats(4);
    List<Tensor> results =
        node("SkipGroupNorm")
            .with("groups", 2)
            .with("activation", 1)
            .with("epsilon", 0.5f)
            .outputs(2)
            .input(x)
            .input(gamma)
            .input(beta)
            .input(skip)
            .input(bias)
            .run();
    double[] sum = new double[24];
    for (int i = 0; i < 24; i++) {
      sum[i] = x.getDouble(i) + skip.getDouble(i / 12 * 4 + i % 4) + bias.getDouble(i % 4);
      assertThat(results.get(1).getDouble(i)).isCloseTo(sum[i], within(1e-5));
    }
    for (int i = 0; i < 24; i++) {
      double mean = 0;
      double square = 0;
      for (int p = 0; p < 3; p++) {
        for (int c = i % 4 / 2 * 2; c < i % 4 / 2 * 2 + 2; c++) {
          double each = sum[i / 12 * 12 + 4 * p + c];
          mean += each / 6;
          square += each * each / 6;
        }
      }
      double y = (sum[i] - mean) / Math.sqrt(square - mean * mean + 0.5);
      y = y * gamma.getDouble(i % 4) + beta.getDouble(i % 4);
      double want = y / (1 + Math.exp(-y));
      assertThat(results.get(0).getDouble(i)).isCloseTo(want, within(1e-4));
    }
  }

  @Test
  void multipliesOneHalfByTheGeluOfTheOther() {
    Tensor y =
        node("BiasSplitGelu")
            .input(Tensor.of(new float[] {1, 2, 0, -1}, 1, 1, 4), 1, "places", 4)
            .input(Tensor.of(new float[] {1, 1, 1, 1}, 4))
            .result();
    assertThat(y.shape()).containsExactly(1, 1, 2);
    assertThat(y.getDouble(0)).isCloseTo(2 * 0.841344746, within(1e-5));
    assertThat(y.getDouble(1)).isCloseTo(0, within(1e-6));
  }

  @Test
  void dropsNothing() {
    Tensor x = drawn.floats(2, 3);
    Tensor bias = drawn.floats(3);
    List<Tensor> results = node("BiasDropout").outputs(2).input(x).input(bias).input(x).run();
    for (int i = 0; i < 6; i++) {
      double want = 2 * x.getDouble(i) + bias.getDouble(i % 3);
      assertThat(results.get(0).getDouble(i)).isCloseTo(want, within(1e-5));
      assertThat(results.get(1).getLong(i)).isEqualTo(1);
    }
    OneNode training =
        node("BiasDropout")
            .input(x)
            .input(bias)
            .leftOut()
            .leftOut()
            .constant(Tensor.of(DType.BOOL, new double[] {1}, 1));
    assertThatThrownBy(training::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("training");
  }

  @Test
  void poolsImagesWhoseChannelsAreLast() {
    Tensor y =
        node("NhwcMaxPool")
            .withList("kernel_shape", 1L, 2L)
            .input(Tensor.of(DType.U8, new double[] {1, 9, 5, 2, 3, 4}, 1, 1, 3, 2))
            .result();
    assertThat(y.shape()).containsExactly(1, 1, 2, 2);
    assertThat(y.toLongArray()).containsExactly(5, 9, 5, 4);
  }

  @Test
  void activatesWhatConvolutionsAndProductsGive() {
    Tensor conv =
        node("FusedConv")
            .with("activation", "Clip")
            .withList("activation_params", 0f, 2.5f)
            .input(Tensor.of(new float[] {1, 2, -3}, 1, 1, 3))
            .input(Tensor.of(new float[] {1}, 1, 1, 1))
            .leftOut()
            .input(Tensor.of(new float[] {0.25f, 1, 1}, 1, 1, 3))
            .result();
    assertThat(conv.toFloatArray()).containsExactly(1.25f, 2.5f, 0);
    Tensor product =
        node("FusedGemm")
            .with("activation", "LeakyRelu")
            .with("activation_alpha", 0.5f)
            .input(Tensor.of(new float[] {1, -1}, 2, 1))
            .input(Tensor.of(new float[] {4}, 1, 1))
            .result();
    assertThat(product.toFloatArray()).containsExactly(4, -2);
  }
}
