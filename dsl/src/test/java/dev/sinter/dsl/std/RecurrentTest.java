package dev.sinter.dsl.std;

import static dev.sinter.dsl.std.Reference.in;
import static dev.sinter.dsl.std.Reference.sum;

import dev.sinter.dsl.std.Reference.Nd;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Recurrent layers and their cells beside loops, and their gradients beside differences.
class RecurrentTest {
  private static final Map<String, Long> SIZES = Map.of("N", 2L, "T", 4L);
  private static final int I = 3;
  private static final int H = 2;

  private static String layer(String name, String states) {
    return "model M() {\n  f = " + name + "[3 -> 2]\n  fn (x: f32[N, T, 3], " + states + "\n}\n";
  }

  private static String cell(String name, String states) {
    return "model M() {\n  f = " + name + "[3 -> 2]\n  fn (x: f32[N, 3], " + states + "\n}\n";
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// What the input's matrix makes of the input at time `t` of example `n`; without time if `t` is
  /// below 0.
  private static double seen(Map<String, Nd> in, int n, int t, int row) {
    return in(in, "f.input.bias").at(row)
        + sum(
            I,
            i ->
                in(in, "f.input.weight").at(row, i)
                    * (t < 0 ? in(in, "x").at(n, i) : in(in, "x").at(n, t, i)));
  }

  private static double kept(Map<String, Nd> in, double[] h, int row) {
    double bias = in.containsKey("f.hidden.bias") ? in(in, "f.hidden.bias").at(row) : 0;
    return bias + sum(H, j -> in(in, "f.hidden.weight").at(row, j) * h[j]);
  }

  private static double[] rnn(Map<String, Nd> in, int n, int t, double[] h) {
    double[] next = new double[H];
    for (int j = 0; j < H; j++) {
      next[j] = Math.tanh(seen(in, n, t, j) + kept(in, h, j));
    }
    return next;
  }

  private static double[] gru(Map<String, Nd> in, int n, int t, double[] h) {
    double[] next = new double[H];
    for (int j = 0; j < H; j++) {
      double r = sigmoid(seen(in, n, t, j) + kept(in, h, j));
      double z = sigmoid(seen(in, n, t, H + j) + kept(in, h, H + j));
      double fresh = Math.tanh(seen(in, n, t, 2 * H + j) + r * kept(in, h, 2 * H + j));
      next[j] = (1 - z) * fresh + z * h[j];
    }
    return next;
  }

  /// Changes `h` and `c`.
  private static void lstm(Map<String, Nd> in, int n, int t, double[] h, double[] c) {
    double[] before = h.clone();
    for (int j = 0; j < H; j++) {
      double i = sigmoid(seen(in, n, t, j) + kept(in, before, j));
      double f = sigmoid(seen(in, n, t, H + j) + kept(in, before, H + j));
      double g = Math.tanh(seen(in, n, t, 2 * H + j) + kept(in, before, 2 * H + j));
      double o = sigmoid(seen(in, n, t, 3 * H + j) + kept(in, before, 3 * H + j));
      c[j] = f * c[j] + i * g;
      h[j] = o * Math.tanh(c[j]);
    }
  }

  private static double[] start(Map<String, Nd> in, String name, int n) {
    return new double[] {in(in, name).at(n, 0), in(in, name).at(n, 1)};
  }

  private interface Turn {
    double[] of(Map<String, Nd> in, int n, int t, double[] h);
  }

  private static void plain(String name, Turn turn) {
    Reference.of(
            layer(name, "start: f32[N, 2]) -> (y: f32[N, T, 2], last: f32[N, 2]) = f(x, start)"),
            SIZES)
        .gives(
            0,
            (in, at) -> {
              double[] h = start(in, "start", at[0]);
              for (int t = 0; t <= at[1]; t++) {
                h = turn.of(in, at[0], t, h);
              }
              return h[at[2]];
            })
        .gives(
            1,
            (in, at) -> {
              double[] h = start(in, "start", at[0]);
              for (int t = 0; t < 4; t++) {
                h = turn.of(in, at[0], t, h);
              }
              return h[at[1]];
            })
        .hasTheGradient();
    Reference.of(cell(name + "Cell", "h: f32[N, 2]) -> f32[N, 2] = f(x, h)"), SIZES)
        .gives(0, (in, at) -> turn.of(in, at[0], -1, start(in, "h", at[0]))[at[1]])
        .hasTheGradient();
  }

  @Test
  void theRecurrentLayer() {
    plain("Rnn", RecurrentTest::rnn);
  }

  @Test
  void theGatedLayer() {
    plain("Gru", RecurrentTest::gru);
  }

  @Test
  void longShortTermMemory() {
    Reference.of(
            layer(
                "Lstm",
                "h0: f32[N, 2], c0: f32[N, 2]) -> (y: f32[N, T, 2], h: f32[N, 2], c: f32[N, 2]) ="
                    + " f(x, h0, c0)"),
            SIZES)
        .gives(
            0,
            (in, at) -> {
              double[] h = start(in, "h0", at[0]);
              double[] c = start(in, "c0", at[0]);
              for (int t = 0; t <= at[1]; t++) {
                lstm(in, at[0], t, h, c);
              }
              return h[at[2]];
            })
        .gives(
            2,
            (in, at) -> {
              double[] h = start(in, "h0", at[0]);
              double[] c = start(in, "c0", at[0]);
              for (int t = 0; t < 4; t++) {
                lstm(in, at[0], t, h, c);
              }
              return c[at[1]];
            })
        .hasTheGradient();
    Reference.of(
            cell(
                "LstmCell",
                "h0: f32[N, 2], c0: f32[N, 2]) -> (h: f32[N, 2], c: f32[N, 2]) = f(x, h0, c0)"),
            SIZES)
        .gives(
            0,
            (in, at) -> {
              double[] h = start(in, "h0", at[0]);
              lstm(in, at[0], -1, h, start(in, "c0", at[0]));
              return h[at[1]];
            })
        .gives(
            1,
            (in, at) -> {
              double[] c = start(in, "c0", at[0]);
              lstm(in, at[0], -1, start(in, "h0", at[0]), c);
              return c[at[1]];
            })
        .hasTheGradient();
  }
}
