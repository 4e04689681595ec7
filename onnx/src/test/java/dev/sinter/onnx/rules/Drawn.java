package dev.sinter.onnx.rules;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Random;

/// Tensors of drawn numbers, the same each time, and of given ones.
final class Drawn {
  private final Random random;

  Drawn(long seed) {
    random = new Random(seed);
  }

  /// Numbers around 0, few of them beyond 2.
  Tensor floats(long... shape) {
    Tensor tensor = Tensor.zeros(DType.F32, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextGaussian());
    }
    return tensor;
  }

  /// Whole numbers from `low` to below `high`.
  Tensor whole(DType dtype, int low, int high, long... shape) {
    Tensor tensor = Tensor.zeros(dtype, shape);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, random.nextInt(low, high));
    }
    return tensor;
  }

  /// A list of integers, as they are.
  static Tensor list(long... values) {
    return Tensor.of(values, values.length);
  }

  /// A list of floats, as they are.
  static Tensor reals(float... values) {
    return Tensor.of(values, values.length);
  }

  /// A number, as it is.
  static Tensor scalar(DType dtype, double value) {
    Tensor tensor = Tensor.zeros(dtype);
    tensor.setDouble(0, value);
    return tensor;
  }

  /// Any bytes.
  Tensor bytes(long... shape) {
    return whole(DType.U8, 0, 256, shape);
  }
}
