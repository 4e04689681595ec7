package dev.sinter.compiler;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.Tensor;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Arguments for entries of samples, the same each time.
final class RandomArguments {
  private final Random random;

  RandomArguments(long seed) {
    random = new Random(seed);
  }

  /// The sizes that `type` leaves open: the batch is `batch`, all others are a few.
  static long[] shape(TensorType type, long batch) {
    Map<String, Long> sizes = new TreeMap<>();
    for (Dim dim : type.shape()) {
      dim.symbols().forEach(s -> sizes.put(s, s.equals("N") ? batch : batch == 1 ? 4L : 5L));
    }
    return new Bindings(sizes).shape(type.shape());
  }

  /// A tensor of the type; integers are small, as classes and places are.
  Tensor tensor(TensorType type, long batch) {
    Tensor tensor = Tensor.zeros(type.dtype(), shape(type, batch));
    for (long i = 0; i < tensor.size(); i++) {
      if (type.dtype().isFloat()) {
        tensor.setDouble(i, random.nextGaussian());
      } else {
        tensor.setLong(i, random.nextInt(3));
      }
    }
    return tensor;
  }
}
