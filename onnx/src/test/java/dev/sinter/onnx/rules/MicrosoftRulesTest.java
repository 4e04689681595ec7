package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.runtime.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MicrosoftRulesTest {
  private static Tensor random(long... shape) {
    Tensor tensor = Tensor.of(new float[(int) size(shape)], shape);
    Random random = new Random(size(shape));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextGaussian());
    }
    return tensor;
  }

  private static long size(long... shape) {
    long size = 1;
    for (long dim : shape) {
      size *= dim;
    }
    return size;
  }

  private static void assertNear(Tensor got, Tensor want) {
    assertThat(got.shape()).isEqualTo(want.shape());
    for (int i = 0; i < want.size(); i++) {
      assertThat(got.getDouble(i)).isEqualTo(want.getDouble(i), within(1e-5));
    }
  }

  @Test
  void attentionOfHeadsIsThatOfOnnxWhereNothingIsMasked() {
    Tensor q = random(2, 3, 8);
    Tensor k = random(2, 5, 8);
    Tensor v = random(2, 5, 8);
    Tensor theirs =
        new OneNode("MultiHeadAttention", 21)
            .of(MicrosoftRules.DOMAIN)
            .with("num_heads", 2)
            .input(q, "batch", 3, 8)
            .input(k, "batch", 5, 8)
            .input(v, "batch", 5, 8)
            .leftOut()
            .input(Tensor.of(new int[] {5, 5}, 2), "batch")
            .result();
    Tensor ours =
        new OneNode("Attention", 23)
            .with("q_num_heads", 2)
            .with("kv_num_heads", 2)
            .input(q)
            .input(k)
            .input(v)
            .result();
    assertNear(theirs, ours);
  }

  @Test
  void lengthsAreMasks() {
    Tensor q = random(2, 3, 8);
    Tensor k = random(2, 5, 8);
    Tensor byLength = masked(q, k, Tensor.of(new int[] {2, 4}, 2));
    Tensor byMask = masked(q, k, Tensor.of(new int[] {1, 1, 0, 0, 0, 1, 1, 1, 1, 0}, 2, 5));
    assertNear(byLength, byMask);
    Tensor all = masked(q, k, Tensor.of(new int[] {5, 5}, 2));
    assertThat(byLength.getDouble(0)).isNotCloseTo(all.getDouble(0), within(1e-3));
  }

  private static Tensor masked(Tensor q, Tensor k, Tensor mask) {
    return new OneNode("MultiHeadAttention", 21)
        .of(MicrosoftRules.DOMAIN)
        .with("num_heads", 2)
        .input(q)
        .input(k)
        .input(k)
        .leftOut()
        .input(mask)
        .result();
  }

  private static OneNode node(String opType) {
    return new OneNode(opType, 21).of(MicrosoftRules.DOMAIN);
  }

  @Test
  void multipliesMatricesWithTheirBatchInTheMiddle() {
    Tensor a = random(3, 2, 4);
    Tensor b = random(2, 5, 4);
    Tensor y =
        node("FusedMatMul")
            .with("transBatchA", 1)
            .with("transB", 1)
            .with("alpha", 0.5f)
            .input(a)
            .input(b)
            .result();
    assertThat(y.shape()).containsExactly(2, 3, 5);
    for (int i = 0; i < 30; i++) {
      double sum = 0;
      for (int k = 0; k < 4; k++) {
        double left = a.getDouble((i / 5 % 3 * 2 + i / 15) * 4L + k);
        sum += 0.5 * left * b.getDouble((i / 15 * 5 + i % 5) * 4L + k);
      }
      assertThat(y.getDouble(i)).isEqualTo(sum, within(1e-5));
    }
  }

  @Test
  void gelusAreOfWhatTheirNamesSay() {
    Tensor x = random(7);
    Tensor bias = Tensor.of(new float[] {1, 0, 0, 0, 0, 0, 0}, 7);
    Tensor fast = node("FastGelu").input(x).input(bias).result();
    Tensor quick = node("QuickGelu").with("alpha", 2f).input(x).result();
    for (int i = 0; i < 7; i++) {
      double v = x.getDouble(i) + bias.getDouble(i);
      double inner = Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v);
      assertThat(fast.getDouble(i)).isEqualTo(v / 2 * (1 + Math.tanh(inner)), within(1e-5));
      double u = x.getDouble(i);
      assertThat(quick.getDouble(i)).isEqualTo(u / (1 + Math.exp(-2 * u)), within(1e-5));
    }
  }

  @Test
  void normalizesTheSum() {
    Tensor x = random(2, 3);
    Tensor skip = random(1, 3);
    Tensor gamma = Tensor.of(new float[] {1, 2, 3}, 3);
    Tensor y =
        node("SkipSimplifiedLayerNormalization")
            .with("epsilon", 0.25f)
            .input(x)
            .input(skip)
            .input(gamma)
            .result();
    for (int row = 0; row < 2; row++) {
      double square = 0;
      double last = 0;
      for (int i = 0; i < 3; i++) {
        last = x.getDouble(3 * row + i) + skip.getDouble(i);
        square += last * last / 3;
      }
      double want = last / Math.sqrt(square + 0.25) * 3;
      assertThat(y.getDouble(3 * row + 2)).isEqualTo(want, within(1e-5));
    }
  }

  @Test
  void turnsNeighboursByTheAngleOfTheirPlace() {
    Tensor cos = random(5, 1);
    Tensor sin = random(5, 1);
    Tensor y =
        node("RotaryEmbedding")
            .with("interleaved", 1)
            .with("num_heads", 1)
            .input(Tensor.of(new float[] {1, 2}, 1, 1, 2))
            .input(Tensor.of(new long[] {3}, 1, 1))
            .input(cos)
            .input(sin)
            .result();
    double c = cos.getDouble(3);
    double s = sin.getDouble(3);
    assertThat(y.getDouble(0)).isEqualTo(c - 2 * s, within(1e-6));
    assertThat(y.getDouble(1)).isEqualTo(s + 2 * c, within(1e-6));
  }
}
