package dev.sinter.dsl.std;

import static dev.sinter.dsl.std.Reference.in;
import static dev.sinter.dsl.std.Reference.sum;

import dev.sinter.dsl.std.Reference.Nd;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Layers beside loops, and their gradients beside differences.
class LayersTest {
  private static final Map<String, Long> PICTURE = Map.of("N", 2L, "H", 7L, "W", 6L);

  private static String model(String member, String signature) {
    return "model M() {\n  f = " + member + "\n  fn " + signature + "\n}\n";
  }

  /// An element, or zero outside.
  private static double padded(Nd x, int n, int c, int h, int w) {
    boolean inside = h >= 0 && w >= 0 && h < x.size(2) && w < x.size(3);
    return inside ? x.at(n, c, h, w) : 0;
  }

  @Test
  void linear() {
    Reference.of(
            model("Linear[3 -> 4]", "(x: f32[N, T, 3]) -> f32[N, T, 4] = f(x)"),
            Map.of("N", 2L, "T", 3L))
        .gives(
            0,
            (in, at) ->
                in(in, "f.bias").at(at[2])
                    + sum(
                        3, i -> in(in, "x").at(at[0], at[1], i) * in(in, "f.weight").at(at[2], i)))
        .hasTheGradient();
  }

  @Test
  void convolutionWithStridePadDilationAndGroups() {
    Reference.of(
            model(
                "Conv[4 -> 6](k = 3, stride = 2, pad = 2, dilation = 2, groups = 2)",
                "(x: f32[N, 4, H, W]) -> f32[N, 6, floor((H - 1) / 2) + 1, floor((W - 1) / 2) + 1]"
                    + " = f(x)"),
            PICTURE)
        .gives(
            0,
            (in, at) ->
                in(in, "f.bias").at(at[1])
                    + sum(
                        2,
                        c ->
                            sum(
                                3,
                                i ->
                                    sum(
                                        3,
                                        j ->
                                            padded(
                                                    in(in, "x"),
                                                    at[0],
                                                    at[1] / 3 * 2 + c,
                                                    2 * at[2] - 2 + 2 * i,
                                                    2 * at[3] - 2 + 2 * j)
                                                * in(in, "f.weight").at(at[1], c, i, j)))))
        .hasTheGradient();
  }

  @Test
  void transposedConvolution() {
    Reference.of(
            model(
                "ConvTranspose[3 -> 2](k = 4, stride = 2, pad = 1)",
                "(x: f32[N, 3, H, W]) -> f32[N, 2, 2 * H, 2 * W] = f(x)"),
            Map.of("N", 2L, "H", 3L, "W", 2L))
        .gives(
            0,
            (in, at) -> {
              double y = in(in, "f.bias").at(at[1]);
              for (int h = 0; h < 3; h++) {
                for (int w = 0; w < 2; w++) {
                  int i = at[2] + 1 - 2 * h;
                  int j = at[3] + 1 - 2 * w;
                  for (int c = 0; c < 3 && i >= 0 && i < 4 && j >= 0 && j < 4; c++) {
                    y += in(in, "x").at(at[0], c, h, w) * in(in, "f.weight").at(c, at[1], i, j);
                  }
                }
              }
              return y;
            })
        .hasTheGradient();
  }

  @Test
  void batchNormByItsRunningStatistics() {
    Reference.of(model("BatchNorm[3]", "(x: f32[N, 3, H, W]) -> f32[N, 3, H, W] = f(x)"), PICTURE)
        .gives(
            0,
            (in, at) ->
                (in(in, "x").at(at) - in(in, "f.running_mean").at(at[1]))
                        / Math.sqrt(in(in, "f.running_var").at(at[1]) + 1e-5)
                        * in(in, "f.weight").at(at[1])
                    + in(in, "f.bias").at(at[1]))
        .hasTheGradient();
  }

  private static double normalized(double x, int count, double eps, IntToDoubleFunction all) {
    double mean = sum(count, all) / count;
    double variance = sum(count, i -> Math.pow(all.applyAsDouble(i) - mean, 2)) / count;
    return (x - mean) / Math.sqrt(variance + eps);
  }

  @Test
  void layerNorm() {
    Reference.of(
            model("LayerNorm[5]", "(x: f32[N, T, 5]) -> f32[N, T, 5] = f(x)"),
            Map.of("N", 2L, "T", 3L))
        .gives(
            0,
            (in, at) ->
                normalized(in(in, "x").at(at), 5, 1e-5, d -> in(in, "x").at(at[0], at[1], d))
                        * in(in, "f.weight").at(at[2])
                    + in(in, "f.bias").at(at[2]))
        .hasTheGradient();
  }

  @Test
  void rmsNorm() {
    Reference.of(
            model("RmsNorm[5]", "(x: f32[N, T, 5]) -> f32[N, T, 5] = f(x)"),
            Map.of("N", 2L, "T", 3L))
        .gives(
            0,
            (in, at) ->
                in(in, "x").at(at)
                    / Math.sqrt(
                        sum(5, d -> Math.pow(in(in, "x").at(at[0], at[1], d), 2)) / 5 + 1e-6)
                    * in(in, "f.weight").at(at[2]))
        .hasTheGradient();
  }

  @Test
  void groupNorm() {
    Reference.of(
            model("GroupNorm[4](groups = 2)", "(x: f32[N, 4, H]) -> f32[N, 4, H] = f(x)"), PICTURE)
        .gives(
            0,
            (in, at) ->
                normalized(
                            in(in, "x").at(at),
                            14,
                            1e-5,
                            i -> in(in, "x").at(at[0], at[1] / 2 * 2 + i / 7, i % 7))
                        * in(in, "f.weight").at(at[1])
                    + in(in, "f.bias").at(at[1]))
        .hasTheGradient();
  }

  @Test
  void embedding() {
    Reference.of(
            model("Embedding[4 -> 3]", "(token: i32[N, T]) -> f32[N, T, 3] = f(token)"),
            Map.of("N", 2L, "T", 3L))
        .gives(0, (in, at) -> in(in, "f.weight").at((int) in(in, "token").at(at[0], at[1]), at[2]))
        .hasTheGradient();
  }

  @Test
  void dropoutDoesNothingOutsideOfTraining() {
    Reference.of(
            model("Dropout(p = 0.5)", "(x: f32[N, T]) -> f32[N, T] = f(x)"),
            Map.of("N", 2L, "T", 3L))
        .gives(0, (in, at) -> in(in, "x").at(at))
        .hasTheGradient();
  }

  @Test
  void pooling() {
    Reference.of(
            """
            model M() {
              fn (x: f32[N, 3, H, W]) -> (highest: f32[N, 3, 4, 3], mean: f32[N, 3, 3, 3]) where (H == 7, W == 6) =
                (max_pool(x, k = 3, stride = 2, pad = 1), avg_pool(x, k = 2))
            }
            """
                .replace("H, W]) -> ", "7, 6]) -> ")
                .replace(" where (H == 7, W == 6)", ""),
            Map.of("N", 2L))
        .gives(
            0,
            (in, at) -> {
              double max = Double.NEGATIVE_INFINITY;
              for (int h = Math.max(0, 2 * at[2] - 1); h < Math.min(7, 2 * at[2] + 2); h++) {
                for (int w = Math.max(0, 2 * at[3] - 1); w < Math.min(6, 2 * at[3] + 2); w++) {
                  max = Math.max(max, in(in, "x").at(at[0], at[1], h, w));
                }
              }
              return max;
            })
        .gives(
            1,
            (in, at) ->
                sum(4, i -> in(in, "x").at(at[0], at[1], 2 * at[2] + i / 2, 2 * at[3] + i % 2)) / 4)
        .hasTheGradient();
  }

  @Test
  void adaptivePooling() {
    Reference.of(
            """
            model M() {
              fn (x: f32[N, 3, H, W]) -> (mean: f32[N, 3, 3, 3], highest: f32[N, 3, 4, 4], all: f32[N, 3, 1, 1]) =
                (adaptive_avg_pool(x, 3), adaptive_max_pool(x, 4), adaptive_avg_pool(x))
            }
            """,
            PICTURE)
        .gives(
            0,
            (in, at) -> {
              double sum = 0;
              int count = 0;
              for (int h = at[2] * 7 / 3; h < Math.ceilDiv((at[2] + 1) * 7, 3); h++) {
                for (int w = at[3] * 6 / 3; w < Math.ceilDiv((at[3] + 1) * 6, 3); w++) {
                  sum += in(in, "x").at(at[0], at[1], h, w);
                  count++;
                }
              }
              return sum / count;
            })
        .gives(
            1,
            (in, at) -> {
              double max = Double.NEGATIVE_INFINITY;
              for (int h = at[2] * 7 / 4; h < Math.ceilDiv((at[2] + 1) * 7, 4); h++) {
                for (int w = at[3] * 6 / 4; w < Math.ceilDiv((at[3] + 1) * 6, 4); w++) {
                  max = Math.max(max, in(in, "x").at(at[0], at[1], h, w));
                }
              }
              return max;
            })
        .gives(2, (in, at) -> sum(42, i -> in(in, "x").at(at[0], at[1], i / 6, i % 6)) / 42)
        .hasTheGradient();
  }

  @Test
  void attentionOfSeveralHeads() {
    for (boolean causal : new boolean[] {false, true}) {
      Reference.of(
              model(
                  "MultiHeadAttention[6](heads = 2, causal = " + causal + ")",
                  "(x: f32[N, T, 6]) -> f32[N, T, 6] = f(x)"),
              Map.of("N", 2L, "T", 4L))
          .gives(
              0,
              (in, at) ->
                  in(in, "f.out.bias").at(at[2])
                      + sum(
                          6,
                          d ->
                              in(in, "f.out.weight").at(at[2], d)
                                  * attended(in, causal, at[0], at[1], d)))
          .hasTheGradient();
    }
  }

  private static double projected(Map<String, Nd> in, String name, int n, int t, int d) {
    return in(in, "f." + name + ".bias").at(d)
        + sum(6, i -> in(in, "f." + name + ".weight").at(d, i) * in(in, "x").at(n, t, i));
  }

  private static double attended(Map<String, Nd> in, boolean causal, int n, int t, int d) {
    int head = d / 3;
    IntToDoubleFunction weight =
        s ->
            causal && s > t
                ? 0
                : Math.exp(
                    sum(
                            3,
                            k ->
                                projected(in, "q", n, t, 3 * head + k)
                                    * projected(in, "k", n, s, 3 * head + k))
                        / Math.sqrt(3));
    return sum(4, s -> weight.applyAsDouble(s) * projected(in, "v", n, s, d)) / sum(4, weight);
  }

  /// Element `k` of `row` after its pair was turned for the place `place`.
  private static double turned(
      IntToDoubleFunction row, int size, int place, int k, boolean halves) {
    int pair = halves ? k % (size / 2) : k / 2;
    int a = halves ? pair : 2 * pair;
    int b = halves ? pair + size / 2 : 2 * pair + 1;
    double angle = place * Math.pow(100, -2.0 * pair / size);
    return k == a
        ? row.applyAsDouble(a) * Math.cos(angle) - row.applyAsDouble(b) * Math.sin(angle)
        : row.applyAsDouble(a) * Math.sin(angle) + row.applyAsDouble(b) * Math.cos(angle);
  }

  @Test
  void rotaryPlaces() {
    for (boolean halves : new boolean[] {false, true}) {
      Reference.of(
              "model M() {\n  fn (x: f32[N, T, 6]) -> f32[N, T, 6] ="
                  + " rotary(x, at = 2, base = 100.0, halves = "
                  + halves
                  + ")\n}\n",
              Map.of("N", 2L, "T", 3L))
          .gives(
              0,
              (in, at) -> turned(i -> in(in, "x").at(at[0], at[1], i), 6, 2 + at[1], at[2], halves))
          .hasTheGradient();
    }
  }

  @Test
  void groupedQueryAttention() {
    Reference.of(
            model(
                "GroupedQueryAttention[8](heads = 4, kv_heads = 2, context = 5, base = 100.0)",
                "(x: f32[N, T, 8]) -> f32[N, T, 8] = f(x)"),
            Map.of("N", 2L, "T", 3L))
        .gives(
            0,
            (in, at) ->
                sum(8, d -> in(in, "f.out.weight").at(at[2], d) * grouped(in, at[0], at[1], d)))
        .hasTheGradient();
  }

  private static double grouped(Map<String, Nd> in, int n, int t, int d) {
    int head = d / 2;
    int group = head / 2;
    IntToDoubleFunction weight =
        s ->
            s > t
                ? 0
                : Math.exp(
                    sum(
                            2,
                            k ->
                                turned(i -> unbiased(in, "q", n, t, 2 * head + i), 2, t, k, false)
                                    * turned(
                                        i -> unbiased(in, "k", n, s, 2 * group + i),
                                        2,
                                        s,
                                        k,
                                        false))
                        / Math.sqrt(2));
    return sum(3, s -> weight.applyAsDouble(s) * unbiased(in, "v", n, s, 2 * group + d % 2))
        / sum(3, weight);
  }

  private static double unbiased(Map<String, Nd> in, String name, int n, int t, int d) {
    return sum(8, i -> in(in, "f." + name + ".weight").at(d, i) * in(in, "x").at(n, t, i));
  }
}
