package dev.sinter.dsl.std;

import static dev.sinter.dsl.std.Reference.in;
import static dev.sinter.dsl.std.Reference.sum;

import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Activations and losses beside formulas, and their gradients beside differences.
class FunctionsTest {
  private static final Map<String, Long> SIZES = Map.of("N", 4L, "C", 5L);

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double clamp(double x, double low, double high) {
    return Math.min(Math.max(x, low), high);
  }

  private static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  /// By the series of Abramowitz and Stegun 7.1.6, which is exact where `x` is small.
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 400; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static double elu(double x, double alpha) {
    return x > 0 ? x : alpha * (Math.exp(x) - 1);
  }

  private static DynamicTest activation(String call, DoubleUnaryOperator formula) {
    return DynamicTest.dynamicTest(
        call,
        () ->
            Reference.of("model M() { fn (wide: f32[N, C]) -> f32[N, C] = " + call + " }", SIZES)
                .gives(0, (in, at) -> formula.applyAsDouble(in(in, "wide").at(at)))
                .hasTheGradient());
  }

  @TestFactory
  Stream<DynamicTest> activations() {
    return Stream.of(
        activation("relu(wide)", x -> Math.max(x, 0)),
        activation("leaky_relu(wide, 0.1)", x -> x > 0 ? x : 0.1 * x),
        activation("elu(wide)", x -> elu(x, 1)),
        activation("elu(wide, alpha = 0.5)", x -> elu(x, 0.5)),
        activation("selu(wide)", x -> 1.0507009873554805 * elu(x, 1.6732632423543772)),
        activation("sigmoid(wide)", x -> sigmoid(x)),
        activation("tanh(wide)", Math::tanh),
        activation("gelu(wide)", x -> 0.5 * x * (1 + erf(x / Math.sqrt(2)))),
        activation(
            "gelu_tanh(wide)",
            x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        activation("silu(wide)", x -> x * sigmoid(x)),
        activation("mish(wide)", x -> x * Math.tanh(softplus(x))),
        activation("softplus(wide)", x -> softplus(x)),
        activation("relu6(wide)", x -> clamp(x, 0, 6)),
        activation("hardsigmoid(wide)", x -> clamp((x + 3) / 6, 0, 1)),
        activation("hardswish(wide)", x -> x * clamp(x + 3, 0, 6) / 6),
        activation("hardtanh(wide)", x -> clamp(x, -1, 1)),
        activation("softsign(wide)", x -> x / (1 + Math.abs(x))),
        activation("log_sigmoid(wide)", x -> -Math.log(1 + Math.exp(-x))));
  }

  @Test
  void aGatedUnitHalvesItsAxis() {
    Reference.of("model M() { fn (x: f32[N, 6]) -> f32[N, 3] = glu(x) }", SIZES)
        .gives(
            0, (in, at) -> in(in, "x").at(at[0], at[1]) * sigmoid(in(in, "x").at(at[0], at[1] + 3)))
        .hasTheGradient();
  }

  @Test
  void aSlopeThatIsLearned() {
    Reference.of(
            "model M() { a = PRelu[3] fn (wide: f32[N, 3, C]) -> f32[N, 3, C] = a(wide) }", SIZES)
        .gives(
            0,
            (in, at) -> {
              double x = in(in, "wide").at(at);
              return x > 0 ? x : in(in, "a.slope").at(at[1]) * x;
            })
        .hasTheGradient();
  }

  private static DynamicTest loss(String call, DoubleBinaryOperator element) {
    return DynamicTest.dynamicTest(
        call,
        () ->
            Reference.of(
                    """
                    model M() {
                      fn (wide: f32[N, C], wide2: f32[N, C], p: f32[N, C], p2: f32[N, C]) -> f32[] =
                        %s + 0.0 * (sum(wide) + sum(wide2) + sum(p) + sum(p2))
                    }
                    """
                        .formatted(call),
                    SIZES)
                .gives(
                    0,
                    (in, at) -> {
                      String a = call.contains("(p, ") ? "p" : "wide";
                      String b = call.contains(", p2") ? "p2" : "wide2";
                      return sum(
                              4,
                              n ->
                                  sum(
                                      5,
                                      c ->
                                          element.applyAsDouble(
                                              in(in, a).at(n, c), in(in, b).at(n, c))))
                          / 20;
                    })
                .hasTheGradient());
  }

  @TestFactory
  Stream<DynamicTest> lossesOfElements() {
    return Stream.of(
        loss("mse(wide, wide2)", (x, t) -> (x - t) * (x - t)),
        loss("l1(wide, wide2)", (x, t) -> Math.abs(x - t)),
        loss(
            "huber(wide, wide2)",
            (x, t) -> Math.abs(x - t) < 1 ? (x - t) * (x - t) / 2 : Math.abs(x - t) - 0.5),
        loss(
            "huber(wide, wide2, beta = 2.0)",
            (x, t) -> Math.abs(x - t) < 2 ? (x - t) * (x - t) / 4 : Math.abs(x - t) - 1),
        loss(
            "bce(wide, p2)",
            (x, t) -> -t * Math.log(sigmoid(x)) - (1 - t) * Math.log(1 - sigmoid(x))),
        loss("bce_of_chances(p, p2)", (p, t) -> -t * Math.log(p) - (1 - t) * Math.log(1 - p)));
  }

  private static double likely(Reference.Nd logits, int n, int c) {
    return logits.at(n, c) - Math.log(sum(logits.size(1), k -> Math.exp(logits.at(n, k))));
  }

  @Test
  void crossEntropyOfLabels() {
    Reference.of(
            "model M() { fn (wide: f32[N, C], label: i32[N]) -> f32[] = cross_entropy(wide, label)"
                + " }",
            SIZES)
        .gives(
            0, (in, at) -> -sum(4, n -> likely(in(in, "wide"), n, (int) in(in, "label").at(n))) / 4)
        .hasTheGradient();
  }

  @Test
  void crossEntropyWithSmoothedLabels() {
    Reference.of(
            """
            model M() {
              fn (wide: f32[N, C], label: i32[N]) -> f32[] = cross_entropy(wide, label, smoothing = 0.2)
            }
            """,
            SIZES)
        .gives(
            0,
            (in, at) ->
                -sum(
                        4,
                        n ->
                            sum(
                                5,
                                c -> {
                                  double target = (in(in, "label").at(n) == c ? 0.8 : 0) + 0.2 / 5;
                                  return target * likely(in(in, "wide"), n, c);
                                }))
                    / 4)
        .hasTheGradient();
  }

  @Test
  void logarithmsOfChancesAndDivergence() {
    Reference.of(
            """
            model M() {
              fn (wide: f32[N, C], label: i32[N], p: f32[N, C]) -> (nll: f32[], kl: f32[]) {
                likely = log_softmax(wide)
                return (nll(likely, label), kl(likely, p))
              }
            }
            """,
            SIZES)
        .gives(
            0, (in, at) -> -sum(4, n -> likely(in(in, "wide"), n, (int) in(in, "label").at(n))) / 4)
        .gives(
            1,
            (in, at) ->
                sum(
                        4,
                        n ->
                            sum(
                                5,
                                c -> {
                                  double p = in(in, "p").at(n, c);
                                  return p * (Math.log(p) - likely(in(in, "wide"), n, c));
                                }))
                    / 4)
        .hasTheGradient();
  }

  @Test
  void softmaxAlongAnyAxis() {
    Reference.of("model M() { fn (x: f32[N, C, 3]) -> f32[N, C, 3] = softmax(x, axis = 1) }", SIZES)
        .gives(
            0,
            (in, at) ->
                Math.exp(in(in, "x").at(at))
                    / sum(5, c -> Math.exp(in(in, "x").at(at[0], c, at[2]))))
        .hasTheGradient();
  }
}
