package dev.sinter.dsl.elaborate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Text;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What is said of the sizes of an entry holds in all sizes that follow from them.
class EquationsTest {
  private static Graph entry(String text) {
    return Text.of(text).elaborate().entries().getFirst();
  }

  private static String type(Graph graph, int input) {
    return graph.input(input).type().toString();
  }

  private static double[] run(String text, Tensor x) {
    return Objects.requireNonNull(Text.of(text).run("forward", Map.of("x", x)).get("y"))
        .toDoubleArray();
  }

  @Test
  void aSizeThatIsAMultipleIsOne() {
    Graph graph =
        entry(
            """
            model Halves() {
              conv = Conv[1 -> 2](k = 3, stride = 2, pad = 1) |> Conv[2 -> 4](k = 3, stride = 2, pad = 1)
              norm = GroupNorm[4](groups = 2)
              fn (x: f32[N, 1, H, W]) -> (y: f32[N, 4, H / 4, W / 4]) where (H % 2 == 0, H % 4 == 0, W % 4 == 0) =
                norm(conv(x))
            }
            """);
    assertThat(type(graph, 0)).isEqualTo("f32[N, 1, 4*H22, 4*W4]");
    assertThat(graph.output(0).type().toString()).isEqualTo("f32[N, 4, H22, W4]");
    assertThat(graph.facts()).isEqualTo(Facts.NONE);
  }

  @Test
  void aSizeMayBeOneMoreThanAMultiple() {
    String text =
        """
        model M() {
          fn (x: f32[L]) -> (y: f32[(L - 1) / 2]) where ((L - 1) % 2 == 0) {
            y[i in 0..(L - 1) / 2] = x[2 * i + 1]
            return y
          }
        }
        """;
    Graph graph = entry(text);
    assertThat(type(graph, 0)).isEqualTo("f32[2*L2 - 1]");
    assertThat(run(text, Tensor.of(new float[] {1, 2, 3, 4, 5}, 5))).containsExactly(2, 4);
    assertThat(run(text, Tensor.of(new float[] {1}, 1))).isEmpty();
  }

  @Test
  void sizesThatAreEqualAreOne() {
    Graph said = entry("model M() { fn (x: f32[K], y: f32[M]) -> f32[K] where (K == M) = x + y }");
    assertThat(type(said, 0)).isEqualTo(type(said, 1));
    Graph coerced =
        entry(
            """
            model M() {
              fn (x: f32[N, K], y: f32[N, 2 * M]) -> f32[N, 2 * M] {
                z = x :> f32[N, 2 * M]
                return y + z
              }
            }
            """);
    assertThat(type(coerced, 0)).isEqualTo(type(coerced, 1)).isEqualTo("f32[N, 2*M]");
    assertThat(type(entry("model M() { fn (x: f32[K]) -> f32[4] = x :> f32[4] }"), 0))
        .isEqualTo("f32[4]");
  }

  @Test
  void aSizeIsFoundInAnExpression() {
    String halves = "fn halves(x: f32[N, 2 * M]) -> f32[N, M] = x[:, 0..M] + x[:, M..2 * M]\n";
    assertThat(
            run(
                halves + "model M() { fn (x: f32[N, 4]) -> (y: f32[N, 2]) = halves(x) }",
                Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)))
        .containsExactly(4, 6);
    assertThat(
            Text.of(halves + "model M() { fn (x: f32[N, 3]) -> f32[N, 1] = halves(x) }").faults())
        .extracting(Diagnostic::code)
        .containsExactly(DiagnosticCode.SIZES_DIFFER);
    String given =
        """
        fn odd(x: f32[2 * N + 1], y: f32[N]) -> f32[N] = y + x[0]
        model M() {
          fn (x: f32[2 * N + 1]) -> (y: f32[N]) = odd(x, x[0..N])
        }
        """;
    assertThat(type(entry(given), 0)).isEqualTo("f32[2*N + 1]");
    assertThat(run(given, Tensor.of(new float[] {1, 2, 3, 4, 5}, 5))).containsExactly(2, 3);
  }

  @Test
  void indicesAreRoundedToo() {
    assertThat(
            run(
                """
                model M() {
                  fn (x: f32[L]) -> (y: f32[2 * L]) {
                    y[i in 0..2 * L] = x[floor(i / 2)]
                    return y
                  }
                }
                """,
                Tensor.of(new float[] {1, 2}, 2)))
        .containsExactly(1, 1, 2, 2);
    assertThat(
            Text.of(
                    "model M() { fn (x: f32[N, 6]) -> f32[N, 0, 3] = x |> rearrange{n (a b) -> n a"
                        + " b}(b = 0) }")
                .faults())
        .extracting(Diagnostic::code)
        .containsExactly(DiagnosticCode.INEXACT_DIVISION);
  }

  @Test
  void theSizesOfAStateStayItsOwn() {
    Graph graph =
        entry(
            """
            model M() {
              state s: f32[N] = zeros()
              fn (x: f32[N]) -> (y: f32[N]) where (N % 2 == 0) {
                next s = s + x
                return s
              }
            }
            """);
    assertThat(type(graph, 0)).isEqualTo("f32[N]");
    assertThat(graph.facts().facts()).hasSize(1);
    assertThat(graph.input(0).type().dtype()).isEqualTo(DType.F32);
  }
}
