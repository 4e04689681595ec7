package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.dsl.Text;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.runtime.Tensor;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The rules of the language, each by a small program that is run.
class RulesTest {
  private static final Tensor ROW = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4);

  /// What a model with `items` and the body `fn` gives for [#ROW].
  private static double[] run(String items, String body) {
    Text text = Text.of("model M() {\n" + items + "\n fn (x: f32[N, 4]) -> (y: " + body + "\n}\n");
    assertThat(text.said()).isEmpty();
    return y(text.run("forward", Map.of("x", ROW)));
  }

  private static double[] y(Map<String, Tensor> results) {
    return Objects.requireNonNull(results.get("y")).toDoubleArray();
  }

  private static void refused(DiagnosticCode code, String text) {
    assertThat(Text.of(text).faults()).extracting(Diagnostic::code).containsOnly(code);
  }

  @Test
  void aTailBroadcasts() {
    assertThat(run("param w: f32[4] = 2", "f32[N, 4]) = x * w")).containsExactly(2, 4, 6, 8);
    assertThat(run("", "f32[N, 4]) = 10 - x")).containsExactly(9, 8, 7, 6);
  }

  @Test
  void operatorsBindAsInMathematics() {
    assertThat(run("", "f32[N, 4]) = -x ** 2 + 3 * x % 2")).containsExactly(0, -4, -8, -16);
    assertThat(run("", "f32[N, 4]) = f32(not x > 2 and x != 1)")).containsExactly(0, 1, 0, 0);
  }

  @Test
  void axisPatternsReduceAndRearrange() {
    assertThat(run("", "f32[N]) = mean{n i -> n}(x)")).containsExactly(2.5);
    assertThat(run("", "f32[N, 2]) = sum{n a b -> n b}(rearrange{n (a b) -> n a b}(x, a = 2))"))
        .containsExactly(4, 6);
    assertThat(run("", "f32[N]) = einsum{n i, n i -> n}(x, x)")).containsExactly(30);
  }

  @Test
  void indexNotationReadsNeighbours() {
    assertThat(run("", "f32[N, 3]) { d[n, i in 0..3] = x[n, i + 1] - 2 * x[n, i]\n return d }"))
        .containsExactly(0, -1, -2);
    assertThat(run("", "f32[N]) { d[n] = max(x[n, i] * x[n, 3 - i] for i in 0..4)\n return d }"))
        .containsExactly(6);
  }

  @Test
  void slicesAndGathers() {
    assertThat(run("", "f32[N, 2]) = x[:, 1..3]")).containsExactly(2, 3);
    assertThat(run("", "f32[N]) = x[:, 2]")).containsExactly(3);
    assertThat(run("", "f32[N, 2]) { low, high = split(x, parts = 2)\n return high }"))
        .containsExactly(3, 4);
    assertThat(run("", "f32[N, 4]) { at: i32[4] = iota()\n return x[:, 3 - at] }"))
        .containsExactly(4, 3, 2, 1);
  }

  @Test
  void aPipelineAppliesItsStagesInOrder() {
    assertThat(run("f = relu |> leaky_relu(slope = 0.5)", "f32[N, 4]) = (x - 2) |> f"))
        .containsExactly(0, 0, 1, 2);
    assertThat(run("", "f32[N, 4]) = x |> clamp(low = 2, high = 3)")).containsExactly(2, 2, 3, 3);
  }

  @Test
  void aConditionPicksAnArm() {
    assertThat(run("", "f32[N, 4]) = if 2 > 1 then x else x[:, 0..1]")).containsExactly(1, 2, 3, 4);
    assertThat(run("", "f32[N, 4]) = if sum(x) > 100 then x else -x"))
        .containsExactly(-1, -2, -3, -4);
  }

  @Test
  void aScanCarriesAndEmits() {
    assertThat(
            run(
                "",
                """
                f32[4, N]) {
                  start: f32[N] = zeros()
                  last, sums = scan (v in rearrange{n i -> i n}(x), i in 0..4) with (s = start) {
                    next s = s + v * f32(i)
                    emit s
                  }
                  return sums
                }
                """))
        .containsExactly(0, 0, 2, 8);
  }

  @Test
  void aWhileStopsByItsConditionOrItsLimit() {
    String body =
        """
        f32[N, 4]) {
          z, n = while (sum(z) < %s, max = 5) with (z = x, n = 0) {
            next z = 2 * z
            next n = n + 1
          }
          return z
        }
        """;
    assertThat(run("", body.formatted("50"))).containsExactly(8, 16, 24, 32);
    assertThat(run("", body.formatted("1e9"))).containsExactly(32, 64, 96, 128);
  }

  @Test
  void aListOfModulesIsAppliedInOrderAndWalked() {
    String add = "module Add(by: int) { fn (x: f32[..S]) -> f32[..S] = x * 2 + by }\n";
    Text text =
        Text.of(
            add
                + """
                model M() {
                  parts = [Add(by = i) for i in 1..4]
                  fn (x: f32[N, 4]) -> (y: f32[N, 4]) = parts(x)
                  fn walked(x: f32[N, 4]) -> (y: f32[N, 4]) {
                    z = scan (part in parts) with (h = x) { next h = part(h) }
                    return z
                  }
                }
                """);
    double[] expected = {19, 27, 35, 43};
    assertThat(y(text.run("forward", Map.of("x", ROW)))).containsExactly(expected);
    assertThat(y(text.run("walked", Map.of("x", ROW)))).containsExactly(expected);
  }

  @Test
  void aStateIsReadOldAndGivenAnew() {
    Text.Session session =
        new Text.Session(
            Text.of(
                    """
                    model M() {
                      state seen: f32[] = 0
                      fn (x: f32[N, 4]) -> (y: f32[]) {
                        next seen = seen + sum(x)
                        return seen
                      }
                      fn look(x: f32[N, 4]) -> (y: f32[]) = seen
                    }
                    """)
                .elaborate());
    assertThat(y(session.run("forward", Map.of("x", ROW)))).containsExactly(0);
    assertThat(y(session.run("forward", Map.of("x", ROW)))).containsExactly(10);
    assertThat(y(session.run("look", Map.of("x", ROW)))).containsExactly(20);
  }

  @Test
  void aWeightThatIsUsedTwiceIsOne() {
    ModelGraph model =
        Text.of(
                """
                model M() {
                  token = Embedding[5 -> 4]
                  fn (t: i32[N]) -> (y: f32[N, 5]) = einsum{n d, v d -> n v}(token(t), token.weight)
                }
                """)
            .elaborate();
    assertThat(model.parameters()).hasSize(1);
    assertThat(model.entries().getFirst().inputs()).hasSize(2);
  }

  @Test
  void gradientsAreExpressions() {
    assertThat(run("", "f32[N, 4]) = grad(sum(x * x * x), wrt = x)"))
        .containsExactly(new double[] {3, 12, 27, 48}, within(1e-5));
    assertThat(run("", "f32[N, 4]) = grad(sum(grad(sum(x ** 3), wrt = x)), wrt = x)"))
        .containsExactly(new double[] {6, 12, 18, 24}, within(1e-4));
  }

  @Test
  void aFunctionMayHaveAGradientOfItsOwn() {
    String top =
        """
        fn ste(x: f32[..S]) -> f32[..S] = round(x)
        gradient of ste(x: f32[..S], dy: f32[..S]) -> f32[..S] = 5 * dy
        """;
    Text text =
        Text.of(
            "model M() { fn (x: f32[N, 4]) -> (y: f32[N, 4]) = grad(sum(ste(x)), wrt = x) }\n"
                + top);
    assertThat(text.said()).isEmpty();
    assertThat(y(text.run("forward", Map.of("x", ROW)))).containsExactly(5, 5, 5, 5);
  }

  @Test
  void trainingIsFalseInEntriesAndMayBeTurnedOff() {
    assertThat(run("drop = Dropout(p = 0.5)", "f32[N, 4]) = drop(x) + drop(x, training = false)"))
        .containsExactly(2, 4, 6, 8);
  }

  @Test
  void keysMakeTheSameNumbersAgainAndOthersByFolding() {
    Text text =
        Text.of(
            """
            model M() {
              fn (x: f32[N, 4], k: key[]) -> (y: f32[N, 4], z: f32[N, 4]) {
                a: f32[N, 4] = normal(key = fold(k, 1))
                b: f32[N, 4] = normal(key = fold(k, 2))
                return (a, b)
              }
            }
            """);
    Map<String, Tensor> first = text.run("forward", Map.of("x", ROW, "k", Text.key(3)));
    Map<String, Tensor> again = text.run("forward", Map.of("x", ROW, "k", Text.key(3)));
    Map<String, Tensor> other = text.run("forward", Map.of("x", ROW, "k", Text.key(4)));
    assertThat(y(first)).isEqualTo(y(again)).isNotEqualTo(y(other));
    assertThat(Objects.requireNonNull(first.get("z")).toDoubleArray()).isNotEqualTo(y(first));
  }

  @Test
  void sizesAreProvedNotGuessed() {
    assertThat(Text.of("model M() { fn (x: f32[N, L]) -> f32[N, L] = x :> f32[N, L] }").said())
        .isEmpty();
    assertThat(
            Text.of(
                    "model M() { fn (a: f32[N, 2 * L], b: f32[N, L]) -> f32[N, 2 * L]"
                        + " = a + concat(b, b, axis = 1) }")
                .faults())
        .extracting(Diagnostic::code)
        .allMatch(code -> code == DiagnosticCode.UNBOUND_SIZE);
    refused(
        DiagnosticCode.SHAPES_DIFFER,
        "model M() { fn (a: f32[N, L], b: f32[N, K]) -> f32[N, L] = a + b }");
  }

  @Test
  void settingsOfTheCommandLineChangeParameters() {
    Text text =
        Text.of(
            "model M(width: int = 4) { head = Linear[4 -> width]"
                + " fn (x: f32[N, 4]) -> f32[N, width] = head(x) }");
    assertThat(
            text.elaborate("M", Map.of("width", "7")).parameters().getFirst().type().dim(0).is(7))
        .isTrue();
  }

  private static final String BASE =
      """
      model Base() {
        body = [Linear[4 -> 4] for i in 0..2]
        head = Linear[4 -> 2]
        fn (x: f32[N, 4]) -> (y: f32[N, 2]) = x |> body |> head
      }
      """;

  @Test
  void aDerivedModelReplacesMembersUnderTheirNames() {
    ModelGraph lite =
        Text.of(
                BASE
                    + """
                    model Lite from Base() {
                      replace body[1] with relu
                      replace head with Linear[4 -> 2](biased = false)
                    }
                    """)
            .elaborate("Lite");
    assertThat(lite.parameters())
        .extracting(ModelGraph.Parameter::name)
        .containsExactly("body.0.weight", "body.0.bias", "head.weight");
  }

  @Test
  void aDerivedModelKeepsItsFrozenWeights() {
    ModelGraph fit =
        Text.of(
                BASE
                    + """
                    model Tuned from Base() {
                      freeze *
                      replace head with Linear[4 -> 2]
                    }
                    train Fit() {
                      net = Tuned()
                      data (x: f32[N, 4], y: f32[N, 2]) batch N = 2
                      step { minimize mse(net(x), y) over net with Sgd(lr = 0.1) }
                    }
                    """)
            .elaborate("Fit");
    assertThat(fit.entry("step").orElseThrow().outputs())
        .extracting(output -> output.name())
        .containsExactly("loss", "net.head.weight", "net.head.bias");
  }

  @Test
  void anEditOfNothingIsRefused() {
    refused(DiagnosticCode.UNKNOWN_NAME, BASE + "model Lite from Base() { freeze haed }");
    refused(DiagnosticCode.OUT_OF_RANGE, BASE + "model Lite from Base() { freeze body[2] }");
  }

  @Test
  void anArmMayBeABlockAndGiveSeveralValues() {
    String arms =
        """
        f32[N, 4]) {
          big = any(x > 3)
          a, b = if big then { h = x + 1 return (h, h * h) } else (x, x)
          ys = scan (i in 0..2) { emit if big then { k = x * f32(i) return k } else b }
          return a + b + sum{i n c -> n c}(ys)
        }
        """;
    assertThat(run("", arms)).containsExactly(7, 14, 23, 34);
    refused(
        DiagnosticCode.SHAPES_DIFFER,
        "model M { fn (x: f32[4]) -> f32[4] { a, b = if any(x > 0) then (x, x) else x return a }"
            + " }");
  }

  @Test
  void aListIsATensorOfTheDeclaredType() {
    assertThat(run("", "f32[2, 2]) = [[1, -2.5], [inf, 1e-3]]"))
        .containsExactly(1, -2.5, Double.POSITIVE_INFINITY, 1e-3f);
    assertThat(run("", "f32[N, 4]) { w: f32[4] = [1, 0, 1, 0] return select(w > 0, x, nan) }"))
        .containsExactly(1, Double.NaN, 3, Double.NaN);
    assertThat(run("", "f32[N, 2]) = gather(x, [3, 1] :> i64[2], axis = 1)")).containsExactly(4, 2);
    refused(DiagnosticCode.WRONG_KIND, "model M { fn (x: f32[2]) -> f32[2] = [1, 2, 3] }");
  }

  @Test
  void aTensorTakesOtherSizesAndNewAxes() {
    assertThat(run("", "f32[2, 2, N]) = reshape(x, [2, 2, N])")).containsExactly(1, 2, 3, 4);
    assertThat(run("", "f32[4, N, 2]) = repeat{1 c -> c n 2}(x[0..1], n = N)"))
        .containsExactly(1, 1, 2, 2, 3, 3, 4, 4);
    refused(DiagnosticCode.SIZES_DIFFER, "model M { fn (x: f32[4]) -> f32[6] = reshape(x, [6]) }");
    refused(
        DiagnosticCode.UNBOUND_SIZE,
        "model M { fn (x: f32[4]) -> f32[6, 4] = repeat{c -> n c}(x) }");
  }

  @Test
  void runningJoinsAndSortsGoAlongAnAxis() {
    assertThat(run("", "f32[N, 4]) = cumsum(x, exclusive = true, reverse = true)"))
        .containsExactly(9, 7, 4, 0);
    assertThat(run("", "f32[N, 4]) = cumprod(x)")).containsExactly(1, 2, 6, 24);
    assertThat(run("", "f32[N, 4]) { v, at = sort(-x) return v + f32(at) }"))
        .containsExactly(-1, -1, -1, -1);
  }

  @Test
  void paddingAndWindowsDifferAtTheirEnds() {
    assertThat(run("", "f32[N, 6]) = pad(x, [0, 1], [0, 1], value = 7)"))
        .containsExactly(7, 1, 2, 3, 4, 7);
    String image = "reshape(x, [N, 1, 4])";
    assertThat(run("", "f32[N, 1, 4]) = max_pool(" + image + ", k = 2, stride = 1, pad_high = 1)"))
        .containsExactly(2, 3, 4, 4);
    assertThat(run("", "f32[N, 1, 2]) = sum_pool(" + image + ", k = 2, dilation = 2, stride = 1)"))
        .containsExactly(4, 6);
    assertThat(
            run(
                "param w: f32[1, 1, 2] = 1\n param b: f32[1] = 10",
                "f32[N, 1, 4]) = conv(" + image + ", w, b, pad = [1], pad_high = [0])"))
        .containsExactly(11, 13, 15, 17);
    assertThat(run("", "f32[N, 2, 2]) = layer_norm(reshape(x, [N, 2, 2]), axes = [1, 2], eps = 0)"))
        .satisfies(y -> assertThat(y[0] + y[3]).isCloseTo(0, within(1e-6)));
  }

  @Test
  void aConditionGuardsTheReadsBehindIt() {
    assertThat(
            run(
                "",
                "f32[N, 6]) { y[n, i in 0..6] = select(i >= 1 and i < 5, x[n, i - 1], 0)"
                    + " return y }"))
        .containsExactly(0, 1, 2, 3, 4, 0);
    refused(
        DiagnosticCode.OUT_OF_RANGE,
        "model M { fn (x: f32[4]) -> f32[6] { y[i in 0..6] = select(i >= 1, x[i - 1], 0) return y"
            + " } }");
  }

  @Test
  void valuesGoWhereTheySay() {
    assertThat(
            run(
                "",
                """
                f32[N, 3]) {
                  at: i32[4] = [2, 0, 2, 5]
                  y: f32[N, 3] = scatter_sum(x[n, i], n, at[i] for n, i)
                  return y
                }
                """))
        .containsExactly(2, 0, 4);
  }

  @Test
  void bitsAreTurnedAndReadOtherwise() {
    assertThat(run("", "i32[N, 4]) = bit_cast(x, i32) - bit_cast(f32(1), i32)"))
        .startsWith(0, 1 << 23);
    assertThat(run("", "i32[N, 4]) = not i32(x)")).containsExactly(-2, -3, -4, -5);
  }

  @Test
  void dataTellsASize() {
    String large =
        """
          large = i64(x[0, :] > %s)
          K <= 4 = sum(large)
          before = cumsum(large)
          places: i64[K] = scatter_sum(i64(i), select(x[0, i] > %s, before[i] - 1, -1) for i)
          return gather(x[0, :], places)
        }\
        """;
    assertThat(run("", "f32[K]) {\n" + large.formatted("1.5", "1.5"))).containsExactly(2, 3, 4);
    assertThat(run("", "f32[K]) {\n" + large.formatted("9.0", "9.0"))).isEmpty();
    // What is more than the most is the most.
    assertThat(run("", "f32[K]) {\n K <= 2 = i64(7)\n y: f32[K] = ones()\n return y }"))
        .containsExactly(1, 1);
  }

  @Test
  void aSizeThatDataTellsIsOneInteger() {
    String text = "model M() { fn (n: i64[], x: f32[N]) -> f32[] { %s return sum(x) } }";
    refused(DiagnosticCode.DTYPES_DIFFER, text.formatted("K <= N = i32(n)"));
    refused(DiagnosticCode.RANKS_DIFFER, text.formatted("K <= N = i64(x)"));
    refused(DiagnosticCode.WRONG_KIND, text.formatted("K <= n = n"));
    refused(DiagnosticCode.DUPLICATE_NAME, text.formatted("N <= N = n"));
  }
}
