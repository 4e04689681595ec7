package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.dsl.Text;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Contract;
import dev.sinter.runtime.Tensor;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Sums of products in index notation become contractions, and give what loops give.
class ContractionsTest {
  private static final int N = 3;
  private static final int I = 4;
  private static final int J = 5;
  private static final int K = 6;

  // Tensors of each set of axes, by the letters of these.
  private static final Map<String, Tensor> TENSORS =
      Map.of(
          "nik", random(1, N, I, K),
          "nkj", random(2, N, K, J),
          "ik", random(3, I, K),
          "kj", random(4, K, J),
          "k", random(5, K),
          "i", random(6, I),
          "jk", random(7, J, K));

  private static Tensor random(int seed, long... shape) {
    Random random = new Random(seed);
    Tensor tensor =
        Tensor.of(
            new float[(int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b)], shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextDouble(0.5, 1.5));
    }
    return tensor;
  }

  private static double at(String tensor, int... places) {
    Tensor t = Objects.requireNonNull(TENSORS.get(tensor));
    long flat = 0;
    for (int axis = 0; axis < places.length; axis++) {
      flat = flat * t.dim(axis) + places[axis];
    }
    return t.getDouble(flat);
  }

  private static final String HEAD =
      """
      model M() {
        fn (nik: f32[N, I, K], nkj: f32[N, K, J], ik: f32[I, K], kj: f32[K, J], k: f32[K],
            i: f32[I], jk: f32[J, K]) -> (y: f32[%s]) where (K >= 6) {
          %s
          return y
        }
      }
      """;

  private interface Element {
    double at(int a, int b, int c);
  }

  /// Compares with loops over at most three axes.
  private static Graph check(String type, String notation, int[] sizes, Element loops) {
    Text text = Text.of(HEAD.formatted(type, notation));
    assertThat(text.said()).isEmpty();
    Tensor y = Objects.requireNonNull(text.run("forward", TENSORS).get("y"));
    int at = 0;
    for (int a = 0; a < sizes[0]; a++) {
      for (int b = 0; b < sizes[1]; b++) {
        for (int c = 0; c < sizes[2]; c++) {
          assertThat(y.getDouble(at++))
              .as("%s at %s, %s, %s", notation, a, b, c)
              .isCloseTo(loops.at(a, b, c), within(1e-4));
        }
      }
    }
    assertThat(y.size()).isEqualTo(at);
    return text.elaborate().entries().getFirst();
  }

  private static long count(Graph graph, Class<?> op) {
    return graph.body().nodes().stream().map(Node::op).filter(op::isInstance).count();
  }

  private static void isOneContraction(Graph graph) {
    assertThat(count(graph, Contract.class)).isEqualTo(1);
    assertThat(count(graph, Comprehension.class)).isZero();
  }

  private static double sum(int n, java.util.function.IntToDoubleFunction of) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += of.applyAsDouble(i);
    }
    return sum;
  }

  @Test
  void aProductOfMatricesInAnyOrderOfItsAxes() {
    isOneContraction(
        check(
            "I, J",
            "y[a, b] = sum(ik[a, c] * kj[c, b] for c)",
            new int[] {I, J, 1},
            (a, b, c) -> sum(K, k -> at("ik", a, k) * at("kj", k, b))));
    isOneContraction(
        check(
            "J, I",
            "y[b, a] = sum(jk[b, c] * ik[a, c] for c)",
            new int[] {J, I, 1},
            (b, a, c) -> sum(K, k -> at("ik", a, k) * at("jk", b, k))));
  }

  @Test
  void batchedAndSummedOverSeveralAxes() {
    isOneContraction(
        check(
            "I, N, J",
            "y[a, m, b] = sum(nik[m, a, c] * nkj[m, c, b] for c)",
            new int[] {I, N, J},
            (a, m, b) -> sum(K, k -> at("nik", m, a, k) * at("nkj", m, k, b))));
    isOneContraction(
        check(
            "I, J",
            "y[a, b] = sum(sum(nik[m, a, c] * nkj[m, c, b] for c) for m)",
            new int[] {I, J, 1},
            (a, b, z) -> sum(N, m -> sum(K, k -> at("nik", m, a, k) * at("nkj", m, k, b)))));
    isOneContraction(
        check(
            "I",
            "y[a] = sum(nik[m, a, c] * k[c] for m, c)",
            new int[] {I, 1, 1},
            (a, y, z) -> sum(N, m -> sum(K, k -> at("nik", m, a, k) * at("k", k)))));
  }

  @Test
  void whatDoesNotDependOnTheSumGoesOut() {
    Graph graph =
        check(
            "I, J",
            "y[a, b] = -sum(2.5 * ik[a, c] * i[a] * kj[c, b] / i[a] / 2 for c) + i[a]",
            new int[] {I, J, 1},
            (a, b, z) -> -1.25 * sum(K, k -> at("ik", a, k) * at("kj", k, b)) + at("i", a));
    assertThat(count(graph, Contract.class)).isEqualTo(1);
    assertThat(count(graph, Comprehension.class)).isEqualTo(1);
  }

  @Test
  void moreThanTwoFactors() {
    Graph scaled =
        check(
            "I, J",
            "y[a, b] = sum(k[c] * ik[a, c] * kj[c, b] * k[c] for c)",
            new int[] {I, J, 1},
            (a, b, z) -> sum(K, k -> at("ik", a, k) * at("kj", k, b) * at("k", k) * at("k", k)));
    assertThat(count(scaled, Contract.class)).isEqualTo(1);
    assertThat(count(scaled, Comprehension.class)).isEqualTo(1);
    Graph chain =
        check(
            "N, I",
            "y[m, a] = sum(nik[m, a, c] * kj[c, b] * jk[b, d] * k[d] for c, b, d)",
            new int[] {N, I, 1},
            (m, a, z) ->
                sum(
                    K,
                    c ->
                        sum(
                            J,
                            b ->
                                sum(
                                    K,
                                    d ->
                                        at("nik", m, a, c)
                                            * at("kj", c, b)
                                            * at("jk", b, d)
                                            * at("k", d)))));
    assertThat(count(chain, Contract.class)).isEqualTo(2);
  }

  @Test
  void aFactorThatIsNoWholeTensorIsMadeOne() {
    Graph graph =
        check(
            "I, J",
            "y[a, b] = sum(exp(ik[a, c + 1] - i[a]) * kj[c, b] for c in 0..K - 1)",
            new int[] {I, J, 1},
            (a, b, z) ->
                sum(K - 1, k -> Math.exp(at("ik", a, k + 1) - at("i", a)) * at("kj", k, b)));
    assertThat(count(graph, Contract.class)).isEqualTo(1);
    assertThat(count(graph, Comprehension.class)).isEqualTo(2);
  }

  @Test
  void theMeanOfAProductIsOneToo() {
    Graph graph =
        check(
            "I, J",
            "y[a, b] = mean(ik[a, c] * kj[c, b] for c)",
            new int[] {I, J, 1},
            (a, b, z) -> sum(K, k -> at("ik", a, k) * at("kj", k, b)) / K);
    assertThat(count(graph, Contract.class)).isEqualTo(1);
  }

  @Test
  void aContractionInsideAnotherReduction() {
    Graph graph =
        check(
            "I",
            "y[a] = max(sum(ik[a, c] * kj[c, b] for c) for b)",
            new int[] {I, 1, 1},
            (a, y, z) -> {
              double max = 0;
              for (int b = 0; b < J; b++) {
                int column = b;
                max = Math.max(max, sum(K, k -> at("ik", a, k) * at("kj", k, column)));
              }
              return max;
            });
    assertThat(count(graph, Contract.class)).isEqualTo(1);
  }

  @Test
  void whatIsNoneStaysAsItIs() {
    // A sum over one tensor; a window, which would be made larger than it is; a diagonal.
    for (String notation :
        new String[] {
          "y[a] = sum((ik[a, c] - i[a]) * (ik[a, c] + 1) for c)",
          "y[a] = sum(ik[a, c] * ik[a, c] * ik[a, c] for c)",
          "y[a] = sum(ik[a, c] * i[a] for c)",
          "y[a] = sum(ik[a, 0] for c in 0..3)",
        }) {
      Text text = Text.of(HEAD.formatted("I", notation));
      assertThat(text.said()).isEmpty();
      assertThat(count(text.elaborate().entries().getFirst(), Contract.class))
          .as(notation)
          .isZero();
    }
    Graph window =
        check(
            "N, 5",
            "y[m, l in 0..5] = sum(nik[m, 0, l + c] * k[c] for c in 0..2)",
            new int[] {N, 5, 1},
            (m, l, z) -> sum(2, c -> at("nik", m, 0, l + c) * at("k", c)));
    assertThat(count(window, Contract.class)).isZero();
  }
}
