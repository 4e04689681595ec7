package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.dsl.Elaborator;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Loops that become methods of their own, within one that does.
class NestedLoopsTest {
  /// What stands around either loop is four integers and a float.
  private static final String TEXT =
      """
      model G {
        fn (x: f32[N, 3, 40], a: i32[N], b: i32[N], c: f32[N], p: i32[3], q: i32[3])
            -> (y: f32[N, 3, 40], u: f32[N]) {
          y[i, j, k] = exp(x[i, j, k] - f32(a[i] * p[j] + b[i] * q[j]) * c[i])
          u[i] = sum(tanh(y[i, j, k]) for j, k)
          return (y, u)
        }
      }
      """;

  private static final int[] A = {1, -2};
  private static final int[] B = {3, 1};
  private static final float[] C = {0.1f, -0.2f};
  private static final int[] P = {1, 2, 0};
  private static final int[] Q = {0, -1, 1};

  @Test
  void haveNamesOfTheirOwn() {
    Elaborator elaborator = new Elaborator(warning -> {});
    var sources = elaborator.read(new SourceText("g.sinter", TEXT), path -> Optional.empty());
    ModelGraph graph = elaborator.elaborate(sources, "G", Map.of());
    Map<String, Tensor> inputs = new HashMap<>();
    float[] x = new float[2 * 3 * 40];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    inputs.put("x", Tensor.of(x, 2, 3, 40));
    inputs.put("a", Tensor.of(A, 2));
    inputs.put("b", Tensor.of(B, 2));
    inputs.put("c", Tensor.of(C, 2));
    inputs.put("p", Tensor.of(P, 3));
    inputs.put("q", Tensor.of(Q, 3));
    try (Model model = new Compiler(CompileOptions.DEFAULT).compile(graph).load(1);
        Session session = model.session(1)) {
      float[] u = Objects.requireNonNull(session.run("forward", inputs).get("u")).toFloatArray();
      for (int i = 0; i < 2; i++) {
        double want = 0;
        for (int j = 0; j < 3; j++) {
          double shift = (A[i] * P[j] + B[i] * Q[j]) * C[i];
          for (int k = 0; k < 40; k++) {
            want += Math.tanh(Math.exp(x[(i * 3 + j) * 40 + k] - shift));
          }
        }
        assertThat((double) u[i]).isCloseTo(want, within(1e-3));
      }
    }
  }
}
