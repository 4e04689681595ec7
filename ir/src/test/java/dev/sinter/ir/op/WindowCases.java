package dev.sinter.ir.op;

import static dev.sinter.ir.op.Nd.get;
import static dev.sinter.ir.op.Nd.getOr;
import static dev.sinter.ir.op.Nd.random;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Cases of the ops over sliding windows.
final class WindowCases {
  /// The points of `F(4, 3)`; a sixth lies at infinity.
  private static final double[] POINTS = {0, 1, -1, 2, -2};

  private WindowCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    // Spatial axes, stride, low and high padding, dilation, groups, input and window sizes.
    convolutions(cases, 1, 1, 0, 0, 1, 1, 6, 3);
    convolutions(cases, 1, 2, 1, 2, 2, 2, 7, 2);
    convolutions(cases, 2, 2, 1, 1, 1, 1, 5, 3);
    convolutions(cases, 2, 1, 0, 1, 2, 4, 5, 2);
    convolutions(cases, 3, 2, 1, 0, 1, 2, 3, 2);
    pools(cases, 2, 2, 0, 0, 1, 4);
    pools(cases, 2, 2, 0, 0, 1, 5);
    pools(cases, 2, 2, 1, 0, 1, 6);
    pools(cases, 3, 2, 1, 1, 1, 6);
    pools(cases, 2, 1, 1, 0, 2, 5);
    cases.add(symbolic());
    transforms(cases);
    return cases;
  }

  private static long[] shape(long first, long second, int axes, long size) {
    long[] shape = new long[2 + axes];
    java.util.Arrays.fill(shape, size);
    shape[0] = first;
    shape[1] = second;
    return shape;
  }

  private static long[] cube(int axes, long size) {
    long[] shape = new long[axes];
    java.util.Arrays.fill(shape, size);
    return shape;
  }

  private static List<Long> all(int axes, long value) {
    return Collections.nCopies(axes, value);
  }

  private static int[] join(int first, int second, int[] rest) {
    int[] out = new int[2 + rest.length];
    out[0] = first;
    out[1] = second;
    System.arraycopy(rest, 0, out, 2, rest.length);
    return out;
  }

  private static void convolutions(
      List<OpCase> cases,
      int axes,
      int stride,
      int low,
      int high,
      int dilation,
      int groups,
      int size,
      int window) {
    int batch = 2;
    int channels = 4;
    int perGroup = channels / groups;
    int outputs = 4;
    int places = (size + low + high - dilation * (window - 1) - 1) / stride + 1;
    Tensor x = random(31, shape(batch, channels, axes, size));
    Tensor w = random(32, shape(outputs, perGroup, axes, window));
    Tensor dy = random(33, shape(batch, outputs, axes, places));
    double[] y = new double[(int) dy.size()];
    double[] dx = new double[(int) x.size()];
    double[] dw = new double[(int) w.size()];
    // Each product of the trilinear form, added to the three results that it is part of.
    for (int n = 0; n < batch; n++) {
      for (int o = 0; o < outputs; o++) {
        for (int i = 0; i < perGroup; i++) {
          int c = o / (outputs / groups) * perGroup + i;
          int example = n;
          int output = o;
          int input = i;
          Nd.of(
              cube(2 * axes, Math.max(places, window)),
              at -> {
                int[] p = java.util.Arrays.copyOf(at, axes);
                int[] k = java.util.Arrays.copyOfRange(at, axes, 2 * axes);
                int[] h = new int[axes];
                boolean inside = true;
                for (int a = 0; a < axes; a++) {
                  h[a] = p[a] * stride + k[a] * dilation - low;
                  inside &= p[a] < places && k[a] < window && h[a] >= 0 && h[a] < size;
                }
                if (inside) {
                  int[] atX = join(example, c, h);
                  int[] atW = join(output, input, k);
                  int[] atY = join(example, output, p);
                  y[linear(dy, atY)] += get(x, atX) * get(w, atW);
                  dx[linear(x, atX)] += get(dy, atY) * get(w, atW);
                  dw[linear(w, atW)] += get(x, atX) * get(dy, atY);
                }
                return 0;
              });
        }
      }
    }
    List<Long> s = all(axes, stride);
    List<Long> l = all(axes, low);
    List<Long> h = all(axes, high);
    List<Long> d = all(axes, dilation);
    List<Dim> sizes = Collections.nCopies(axes, Dim.of(size));
    List<Dim> windows = Collections.nCopies(axes, Dim.of(window));
    cases.add(OpCase.of(new Conv(s, l, h, d, groups, DType.F64), y, x, w));
    cases.add(OpCase.of(new ConvInput(s, l, h, d, groups, sizes, DType.F64), dx, dy, w));
    cases.add(OpCase.of(new ConvFilter(s, l, h, d, groups, windows, DType.F64), dw, x, dy));
  }

  private static int linear(Tensor t, int[] at) {
    int linear = 0;
    for (int a = 0; a < at.length; a++) {
      linear = linear * (int) t.dim(a) + at[a];
    }
    return linear;
  }

  private static void pools(
      List<OpCase> cases, int window, int stride, int low, int high, int dilation, int size) {
    int places = (size + low + high - dilation * (window - 1) - 1) / stride + 1;
    Tensor x = random(34, 2, size, size);
    Tensor dy = random(35, 2, places, places);
    long[] pooled = {2, places, places};
    long[] within = {window, window};
    double[] max =
        Nd.of(
            pooled,
            at ->
                java.util.Arrays.stream(
                        Nd.of(
                            within,
                            k ->
                                getOr(
                                    x,
                                    Double.NEGATIVE_INFINITY,
                                    at[0],
                                    at[1] * stride + k[0] * dilation - low,
                                    at[2] * stride + k[1] * dilation - low)))
                    .max()
                    .orElseThrow());
    double[] sum =
        Nd.of(
            pooled,
            at ->
                Nd.sum(
                    within,
                    k ->
                        getOr(
                            x,
                            0,
                            at[0],
                            at[1] * stride + k[0] * dilation - low,
                            at[2] * stride + k[1] * dilation - low)));
    double[] first =
        Nd.of(
            pooled,
            at -> {
              int best = Integer.MAX_VALUE;
              for (int k = window * window - 1; k >= 0; k--) {
                double e =
                    getOr(
                        x,
                        Double.NEGATIVE_INFINITY,
                        at[0],
                        at[1] * stride + k / window * dilation - low,
                        at[2] * stride + k % window * dilation - low);
                best = e == max[(at[0] * places + at[1]) * places + at[2]] ? k : best;
              }
              return best;
            });
    double[] spread = new double[2 * size * size];
    double[] chosen = new double[2 * size * size];
    Nd.of(
        new long[] {2, places, places, window, window},
        at -> {
          int row = at[1] * stride + at[3] * dilation - low;
          int column = at[2] * stride + at[4] * dilation - low;
          if (row >= 0 && row < size && column >= 0 && column < size) {
            int to = (at[0] * size + row) * size + column;
            double d = get(dy, at[0], at[1], at[2]);
            spread[to] += d;
            int k = (int) first[(at[0] * places + at[1]) * places + at[2]];
            chosen[to] += k == at[3] * window + at[4] ? d : 0;
          }
          return 0;
        });
    List<Long> w = all(2, window);
    List<Long> s = all(2, stride);
    List<Long> l = all(2, low);
    List<Long> h = all(2, high);
    List<Long> d = all(2, dilation);
    List<Dim> sizes = Collections.nCopies(2, Dim.of(size));
    cases.add(OpCase.of(new Pool(Reducer.MAX, w, s, l, h, d), max, x));
    cases.add(OpCase.of(new Pool(Reducer.SUM, w, s, l, h, d), sum, x));
    cases.add(
        OpCase.of(new PoolArgmax(w, s, l, h, d), first, x, Tensor.of(DType.F64, max, pooled))
            .withoutDerivative());
    cases.add(OpCase.of(new PoolGrad(w, s, l, h, d, sizes), spread, dy));
    cases.add(
        OpCase.of(
            new PoolGrad(w, s, l, h, d, sizes), chosen, dy, Tensor.of(DType.I32, first, pooled)));
  }

  /// The transforms of `F(2, 3)` as they are written out in the literature, and those of `F(4, 3)`
  /// as values of polynomials.
  private static void transforms(List<OpCase> cases) {
    Tensor x = random(38, 2, 6, 3);
    cases.add(
        OpCase.of(
            new WinogradInput(1, 2),
            Nd.of(
                new long[] {4, 2, 2, 3},
                at -> {
                  double[] d = new double[4];
                  for (int i = 0; i < 4; i++) {
                    d[i] = get(x, at[1], 2 * at[2] + i, at[3]);
                  }
                  return new double[] {d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]}[at[0]];
                }),
            x));
    cases.add(
        OpCase.of(
            new WinogradInput(1, 4),
            Nd.of(
                new long[] {6, 2, 1, 3},
                at -> {
                  double[] factors = others(at[0]);
                  double sum = 0;
                  for (int i = 0; i < factors.length; i++) {
                    sum += factors[i] * get(x, at[1], i, at[3]);
                  }
                  return sum;
                }),
            x));
    Tensor w = random(39, 2, 3);
    cases.add(
        OpCase.of(
            new WinogradFilter(1, 4),
            Nd.of(
                new long[] {6, 2},
                at -> {
                  if (at[0] == 5) {
                    return get(w, at[1], 2);
                  }
                  double p = POINTS[at[0]];
                  double value = get(w, at[1], 0) + p * (get(w, at[1], 1) + p * get(w, at[1], 2));
                  double scale = 0;
                  double[] factors = others(at[0]);
                  for (int i = factors.length - 1; i >= 0; i--) {
                    scale = scale * p + factors[i];
                  }
                  return value / scale;
                }),
            w));
    Tensor m = random(40, 6, 2, 2);
    cases.add(
        OpCase.of(
            new WinogradOutput(1, 4),
            Nd.of(
                new long[] {2, 8},
                at -> {
                  double sum = at[1] % 4 == 3 ? get(m, 5, at[0], at[1] / 4) : 0;
                  for (int p = 0; p < 5; p++) {
                    sum += Math.pow(POINTS[p], at[1] % 4) * get(m, p, at[0], at[1] / 4);
                  }
                  return sum;
                }),
            m));
  }

  /// The coefficients, lowest first, of the product of `x - p` over all points but one.
  private static double[] others(int point) {
    double[] product = {1};
    for (int p = 0; p < POINTS.length; p++) {
      if (p != point) {
        double[] next = new double[product.length + 1];
        for (int i = 0; i < product.length; i++) {
          next[i] -= POINTS[p] * product[i];
          next[i + 1] += product[i];
        }
        product = next;
      }
    }
    return product;
  }

  /// Height and batch are symbols.
  private static OpCase symbolic() {
    Tensor x = random(36, 2, 1, 5, 4);
    Tensor w = random(37, 1, 1, 3, 2);
    Dim n = Dim.symbol("N");
    Dim h = Dim.symbol("H");
    return OpCase.of(
            new Conv(
                List.of(2L, 1L), List.of(1L, 0L), List.of(1L, 0L), List.of(1L, 1L), 1, DType.F64),
            Nd.of(
                new long[] {2, 1, 3, 3},
                at ->
                    Nd.sum(
                        new long[] {3, 2},
                        k ->
                            getOr(x, 0, at[0], 0, 2 * at[2] + k[0] - 1, at[3] + k[1])
                                * get(w, 0, 0, k[0], k[1]))),
            x,
            w)
        .typed(
            TensorType.of(DType.F64, n, Dim.ONE, h, Dim.of(4)),
            TensorType.of(DType.F64, 1, 1, 3, 2));
  }
}
