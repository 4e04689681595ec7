package dev.sinter.codegen.ptx;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.TileBuilder;
import java.util.Arrays;

/// Kernels of the three classes that threads compute, which several tests take.
final class SampleKernels {
  private SampleKernels() {}

  /// `x / (1 + exp(-x)) + bias`, the bias along the last axis.
  static TileKernel silu(Dim rows, Dim columns) {
    TileBuilder s = new TileBuilder("silu_bias");
    int x = s.buffer("x", DType.F32, rows, columns);
    int b = s.buffer("b", DType.F32, columns);
    int y = s.buffer("y", DType.F32, rows, columns);
    Dim i = s.axis(rows);
    Dim j = s.axis(columns);
    int v = s.load(x, i, j);
    int one = s.constant(DType.F32, 1);
    int e = s.apply(ScalarFn.EXP, s.apply(ScalarFn.NEG, v));
    int q = s.apply(ScalarFn.DIV, v, s.apply(ScalarFn.ADD, one, e));
    return s.store(y, s.apply(ScalarFn.ADD, q, s.load(b, j)), i, j).build();
  }

  /// A softmax along the last axis.
  static TileKernel softmax(Dim rows, Dim columns) {
    TileBuilder s = new TileBuilder("softmax");
    int x = s.buffer("x", DType.F32, rows, columns);
    Dim i = s.axis(rows);
    Dim j = s.axis(columns);
    int v = s.load(x, i, j);
    int max = s.reduce(Reducer.MAX, DType.F32, v, j);
    int e = s.apply(ScalarFn.EXP, s.apply(ScalarFn.SUB, v, max));
    int sum = s.reduce(Reducer.SUM, DType.F32, e, j);
    int y = s.buffer("y", DType.F32, rows, columns);
    return s.store(y, s.apply(ScalarFn.DIV, e, sum), i, j).build();
  }

  /// A layer normalization with scale and shift; the mean comes out as well.
  static TileKernel layernorm(Dim rows, Dim columns) {
    TileBuilder s = new TileBuilder("layernorm");
    int x = s.buffer("x", DType.F32, rows, columns);
    int gamma = s.buffer("gamma", DType.F32, columns);
    int beta = s.buffer("beta", DType.F32, columns);
    int y = s.buffer("y", DType.F32, rows, columns);
    int m = s.buffer("mean", DType.F32, rows);
    Dim i = s.axis(rows);
    Dim j = s.axis(columns);
    int v = s.load(x, i, j);
    int count = s.index(DType.F32, columns);
    int mean = s.apply(ScalarFn.DIV, s.reduce(Reducer.SUM, DType.F32, v, j), count);
    int d = s.apply(ScalarFn.SUB, v, mean);
    int squares = s.reduce(Reducer.SUM, DType.F32, s.apply(ScalarFn.MUL, d, d), j);
    int var = s.apply(ScalarFn.DIV, squares, count);
    int eps = s.constant(DType.F32, 1e-5);
    int sd = s.apply(ScalarFn.SQRT, s.apply(ScalarFn.ADD, var, eps));
    int n = s.apply(ScalarFn.DIV, d, sd);
    int out = s.apply(ScalarFn.FMA, n, s.load(gamma, j), s.load(beta, j));
    return s.store(y, out, i, j).store(m, mean, i).build();
  }

  /// How the operands of a product lie.
  ///
  /// @param left whether the left one is `[k, m]`
  /// @param right whether the right one is `[n, k]`
  /// @param batched whether all have a batch axis in front
  record Product(boolean left, boolean right, boolean batched) {}

  /// `relu(a b + bias)`, with a batch of 2 where asked for.
  static TileKernel matmul(Product form, Dim m, Dim n, Dim k) {
    TileBuilder s = new TileBuilder("matmul_bias_relu");
    Dim[] head = form.batched() ? new Dim[] {Dim.of(2)} : new Dim[0];
    int a = s.buffer("a", DType.F32, form.left() ? join(head, k, m) : join(head, m, k));
    int b = s.buffer("b", DType.F32, form.right() ? join(head, n, k) : join(head, k, n));
    int bias = s.buffer("bias", DType.F32, n);
    int c = s.buffer("c", DType.F32, join(head, m, n));
    Dim[] at = form.batched() ? new Dim[] {s.axis(Dim.of(2))} : new Dim[0];
    Dim i = s.axis(m);
    Dim j = s.axis(n);
    Dim p = s.axis(k);
    int x = s.load(a, form.left() ? join(at, p, i) : join(at, i, p));
    int y = s.load(b, form.right() ? join(at, j, p) : join(at, p, j));
    int sum = s.reduce(Reducer.SUM, DType.F32, s.apply(ScalarFn.MUL, x, y), p);
    int shifted = s.apply(ScalarFn.ADD, sum, s.load(bias, j));
    int relu = s.apply(ScalarFn.MAX, shifted, s.constant(DType.F32, 0));
    return s.store(c, relu, join(at, i, j)).build();
  }

  private static Dim[] join(Dim[] head, Dim... tail) {
    Dim[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }
}
