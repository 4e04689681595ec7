package dev.sinter.ir.op;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/// Small tensors for references that are loops over indices.
final class Nd {
  private Nd() {}

  /// The elements `f(index)` in row-major order.
  static double[] of(long[] shape, ToDoubleFunction<int[]> f) {
    int size = 1;
    for (long s : shape) {
      size *= (int) s;
    }
    double[] out = new double[size];
    for (int i = 0; i < size; i++) {
      int[] at = new int[shape.length];
      int rest = i;
      for (int a = shape.length - 1; a >= 0; a--) {
        at[a] = rest % (int) shape[a];
        rest /= (int) shape[a];
      }
      out[i] = f.applyAsDouble(at);
    }
    return out;
  }

  /// The element at an index.
  static double get(Tensor t, int... at) {
    long linear = 0;
    for (int a = 0; a < at.length; a++) {
      linear = linear * t.dim(a) + at[a];
    }
    return t.getDouble(linear);
  }

  /// The element at an index, or 0 outside.
  static double getOr(Tensor t, double otherwise, int... at) {
    for (int a = 0; a < at.length; a++) {
      if (at[a] < 0 || at[a] >= t.dim(a)) {
        return otherwise;
      }
    }
    return get(t, at);
  }

  /// The sum of `f` over all indices of `shape`.
  static double sum(long[] shape, ToDoubleFunction<int[]> f) {
    double sum = 0;
    for (double x : of(shape, f)) {
      sum += x;
    }
    return sum;
  }

  /// The product over all indices of `shape`.
  static double product(long[] shape, ToDoubleFunction<int[]> f) {
    double product = 1;
    for (double x : of(shape, f)) {
      product *= x;
    }
    return product;
  }

  /// Normal draws of `f64`.
  static Tensor random(long seed, long... shape) {
    Random random = new Random(seed);
    return Tensor.of(DType.F64, of(shape, at -> random.nextGaussian()), shape);
  }

  /// Draws between 0.3 and 1.7.
  static Tensor positive(long seed, long... shape) {
    Random random = new Random(seed);
    return Tensor.of(DType.F64, of(shape, at -> 0.3 + 1.4 * random.nextDouble()), shape);
  }

  /// `i32` elements.
  static Tensor ints(long[] shape, double... values) {
    return Tensor.of(DType.I32, values, shape);
  }

  /// An `i32` scalar.
  static Tensor scalar(int value) {
    return Tensor.of(DType.I32, new double[] {value});
  }

  static int[] with(int[] at, int axis, int value) {
    int[] out = at.clone();
    out[axis] = value;
    return out;
  }
}
