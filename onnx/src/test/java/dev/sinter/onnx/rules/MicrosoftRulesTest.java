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
}
