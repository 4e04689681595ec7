package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Four heads of queries on two of keys, of 6 numbers each, against loops.
class GroupQueryAttentionTest {
  private static final int HEADS = 4;
  private static final int SHARED = 2;
  private static final int SIZE = 6;

  private final Drawn drawn = new Drawn(11);

  private static OneNode node() {
    return new OneNode("GroupQueryAttention", 21)
        .of(MicrosoftRules.DOMAIN)
        .with("num_heads", HEADS)
        .with("kv_num_heads", SHARED)
        .outputs(3);
  }

  private static double at(Tensor tensor, int... place) {
    long number = 0;
    for (int i = 0; i < place.length; i++) {
      number = number * tensor.shape()[i] + place[i];
    }
    return tensor.getDouble(number);
  }

  /// Number `i` of the head that begins at `first` in a row, turned by its place.
  private static double turned(
      Tensor x, int b, int t, int first, int i, int place, Tensor cos, Tensor sin) {
    int half = SIZE / 2;
    int pair = i % half;
    double one = at(x, b, t, first + pair);
    double two = at(x, b, t, first + pair + half);
    double c = at(cos, place, pair);
    double s = at(sin, place, pair);
    return i < half ? c * one - s * two : s * one + c * two;
  }

  @Test
  void writesNewKeysBehindEachExamplesOldOnesAndLooksBackAWindow() {
    int room = 5;
    int window = 3;
    int[] lengths = {2, 4};
    Tensor q = drawn.floats(2, 1, HEADS * SIZE);
    Tensor k = drawn.floats(2, 1, SHARED * SIZE);
    Tensor v = drawn.floats(2, 1, SHARED * SIZE);
    Tensor pastKey = drawn.floats(2, SHARED, room, SIZE);
    Tensor pastValue = drawn.floats(2, SHARED, room, SIZE);
    Tensor cos = drawn.floats(8, SIZE / 2);
    Tensor sin = drawn.floats(8, SIZE / 2);
    List<Tensor> results =
        node()
            .with("do_rotary", 1)
            .with("local_window_size", window)
            .with("softcap", 2f)
            .input(q)
            .input(k)
            .input(v)
            .input(pastKey, 2, SHARED, "room", SIZE)
            .input(pastValue, 2, SHARED, "room", SIZE)
            .input(Tensor.of(lengths, 2))
            .constant(Tensor.of(new int[] {5}, 1))
            .input(cos)
            .input(sin)
            .run();
    for (int b = 0; b < 2; b++) {
      int place = lengths[b];
      for (int h = 0; h < HEADS; h++) {
        int shared = h / (HEADS / SHARED);
        double sum = 0;
        double[] y = new double[SIZE];
        for (int key = Math.max(0, place - window + 1); key <= place; key++) {
          double score = 0;
          for (int i = 0; i < SIZE; i++) {
            double other =
                key < place
                    ? at(pastKey, b, shared, key, i)
                    : turned(k, b, 0, shared * SIZE, i, place, cos, sin);
            score += turned(q, b, 0, h * SIZE, i, place, cos, sin) * other;
          }
          double weight = Math.exp(2 * Math.tanh(score / Math.sqrt(SIZE) / 2));
          sum += weight;
          for (int i = 0; i < SIZE; i++) {
            double value =
                key < place ? at(pastValue, b, shared, key, i) : at(v, b, 0, shared * SIZE + i);
            y[i] += weight * value;
          }
        }
        for (int i = 0; i < SIZE; i++) {
          assertThat(at(results.get(0), b, 0, h * SIZE + i)).isCloseTo(y[i] / sum, within(1e-5));
        }
      }
      for (int j = 0; j < room; j++) {
        double want =
            j < place ? at(pastValue, b, 1, j, 2) : j == place ? at(v, b, 0, SIZE + 2) : 0;
        assertThat(at(results.get(2), b, 1, j, 2)).isCloseTo(want, within(1e-6));
      }
    }
    assertThat(results.get(1).shape()).containsExactly(2, SHARED, room, SIZE);
  }

  @Test
  void readsQueriesKeysAndValuesFromOneTensor() {
    Tensor packed = drawn.floats(1, 3, (HEADS + 2 * SHARED) * SIZE);
    List<Tensor> results =
        node()
            .input(packed)
            .leftOut()
            .leftOut()
            .leftOut()
            .leftOut()
            .input(Tensor.of(new int[] {2}, 1))
            .constant(Tensor.of(new int[] {3}, 1))
            .run();
    // The first place sees its own value only.
    for (int h = 0; h < HEADS; h++) {
      int value = (HEADS + SHARED + h / 2) * SIZE;
      assertThat(at(results.get(0), 0, 0, h * SIZE))
          .isCloseTo(at(packed, 0, 0, value), within(1e-6));
    }
    assertThat(at(results.get(1), 0, 1, 2, 3))
        .isCloseTo(at(packed, 0, 2, (HEADS + 1) * SIZE + 3), within(1e-6));
  }

  @Test
  void countsAScoreThatNoKeyHas() {
    Tensor q = drawn.floats(1, 1, HEADS * SIZE);
    Tensor k = drawn.floats(1, 1, SHARED * SIZE);
    Tensor y =
        node()
            .with("smooth_softmax", 1)
            .input(q)
            .input(k)
            .input(k)
            .leftOut()
            .leftOut()
            .input(Tensor.of(new int[] {0}, 1))
            .constant(Tensor.of(new int[] {1}, 1))
            .run()
            .getFirst();
    double score = 0;
    for (int i = 0; i < SIZE; i++) {
      score += at(q, 0, 0, i) * at(k, 0, 0, i) / Math.sqrt(SIZE);
    }
    double weight = Math.exp(score) / (1 + Math.exp(score));
    assertThat(at(y, 0, 0, 1)).isCloseTo(weight * at(k, 0, 0, 1), within(1e-5));
  }

  @Test
  void refusesHeadsThatDoNotDivide() {
    OneNode node =
        node()
            .input(drawn.floats(1, 1, 25))
            .input(drawn.floats(1, 1, 12))
            .input(drawn.floats(1, 1, 12))
            .leftOut()
            .leftOut()
            .input(Tensor.of(new int[] {0}, 1))
            .constant(Tensor.of(new int[] {1}, 1));
    assertThatThrownBy(node::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("4 heads");
  }
}
