package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class NormRulesTest {
  private static final Tensor ONE = Tensor.of(new float[] {1}, 1);
  private static final Tensor ZERO = Tensor.of(new float[] {0}, 1);

  private static OneNode batchNorm(long version, Tensor x) {
    return new OneNode("BatchNormalization", version)
        .with("epsilon", 0f)
        .with("momentum", 0.75f)
        .input(x, "N", 1)
        .input(ONE)
        .input(ZERO)
        .input(Tensor.of(new float[] {4}, 1))
        .input(Tensor.of(new float[] {16}, 1));
  }

  @Test
  void normalizesByRunningStatisticsInUse() {
    Tensor x = Tensor.of(new float[] {0, 8}, 2, 1);
    assertThat(batchNorm(15, x).result().toFloatArray()).containsExactly(-1, 1);
    assertThat(batchNorm(6, x).with("is_test", 1).result().toFloatArray()).containsExactly(-1, 1);
  }

  @Test
  void normalizesByTheBatchInTraining() {
    Tensor x = Tensor.of(new float[] {1, 3}, 2, 1);
    List<Tensor> now = batchNorm(15, x).with("training_mode", 1).outputs(3).run();
    assertThat(now.get(0).toFloatArray()).containsExactly(-1, 1);
    assertThat(now.get(1).toFloatArray()).containsExactly(3.5f);
    assertThat(now.get(2).toFloatArray()).containsExactly(12.25f);
    List<Tensor> before = batchNorm(9, x).outputs(5).run();
    assertThat(before.get(0).toFloatArray()).containsExactly(-1, 1);
    assertThat(before.get(3).toFloatArray()).containsExactly(2);
  }

  @Test
  void scalesGroupsBeforeVersion21AndChannelsSince() {
    Tensor x = Tensor.of(new float[] {1, 3, 1, 3}, 1, 4);
    Tensor groups = Tensor.of(new float[] {1, 2}, 2);
    Tensor none = Tensor.of(new float[] {0, 0}, 2);
    Tensor old =
        new OneNode("GroupNormalization", 18)
            .with("num_groups", 2)
            .with("epsilon", 0f)
            .input(x)
            .input(groups)
            .input(none)
            .result();
    assertThat(old.toFloatArray()).containsExactly(-1, 1, -2, 2);
    Tensor now =
        new OneNode("GroupNormalization", 21)
            .with("num_groups", 2)
            .with("epsilon", 0f)
            .input(x)
            .input(Tensor.of(new float[] {1, 2, 3, 4}, 4))
            .input(Tensor.of(new float[] {0, 0, 0, 0}, 4))
            .result();
    assertThat(now.toFloatArray()).containsExactly(-1, 2, -3, 4);
  }

  @Test
  void givesMeanAndDeviationOfLayers() {
    List<Tensor> all =
        new OneNode("LayerNormalization", 17)
            .with("epsilon", 0f)
            .input(Tensor.of(new float[] {1, 3, 2, 6}, 2, 2), "N", 2)
            .input(ONE)
            .outputs(3)
            .run();
    assertThat(all.get(0).toFloatArray()).containsExactly(-1, 1, -1, 1);
    assertThat(all.get(1).shape()).containsExactly(2, 1);
    assertThat(all.get(1).toFloatArray()).containsExactly(2, 4);
    assertThat(all.get(2).toFloatArray()).containsExactly(1, 0.5f);
  }

  @Test
  void leavesZerosZeros() {
    Tensor x = Tensor.of(new float[] {0, 0, 3, 4}, 2, 2);
    Tensor y = new OneNode("LpNormalization", 22).with("p", 2).input(x).result();
    assertThat(y.toFloatArray()).containsExactly(0, 0, 0.6f, 0.8f);
  }

  @Test
  void dropsNothingUnlessItIsTold() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    List<Tensor> all = new OneNode("Dropout", 13).input(x).outputs(2).run();
    assertThat(all.get(0).toFloatArray()).containsExactly(1, 2);
    assertThat(all.get(1).toLongArray()).containsExactly(1, 1);
  }

  @Test
  void dropsAShareInTraining() {
    float[] ones = new float[4000];
    java.util.Arrays.fill(ones, 1);
    List<Tensor> all =
        new OneNode("Dropout", 13)
            .input(Tensor.of(ones, ones.length))
            .input(Tensor.of(new float[] {0.75f}))
            .input(Tensor.of(new boolean[] {true}))
            .outputs(2)
            .run();
    double kept = 0;
    for (int i = 0; i < ones.length; i++) {
      long mask = all.get(1).getLong(i);
      assertThat(all.get(0).getDouble(i)).isEqualTo(mask == 1 ? 4.0 : 0.0);
      kept += mask;
    }
    assertThat(kept / ones.length).isCloseTo(0.25, within(0.03));
  }

  @Test
  void readsNoClassBeyondTheLast() {
    Tensor x = Tensor.of(new float[] {-1, -2, -3, -4}, 2, 2);
    Tensor loss =
        new OneNode("NegativeLogLikelihoodLoss", 22)
            .with("ignore_index", -7)
            .input(x)
            .input(Tensor.of(new long[] {1, -7}, 2))
            .result();
    assertThat(loss.toFloatArray()).containsExactly(2);
  }
}
