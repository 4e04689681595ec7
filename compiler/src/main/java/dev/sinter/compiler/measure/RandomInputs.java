package dev.sinter.compiler.measure;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Random;

/// Values for the inputs of a model that somebody wants to time.
public final class RandomInputs {
  private final Random random;
  private final int most;

  /// @param most integers are below this, for any table to have them
  public RandomInputs(long seed, int most) {
    random = new Random(seed);
    this.most = most;
  }

  /// A tensor for the input `name`: floats of a normal distribution, masks that are full, as a text
  /// without padding has them, and kinds that are all 0.
  public Tensor tensor(String name, DType dtype, long... shape) {
    Tensor tensor = Tensor.allocate(dtype, shape);
    for (long i = 0; i < tensor.size(); i++) {
      if (dtype.isFloat()) {
        tensor.setDouble(i, random.nextGaussian());
      } else {
        boolean mask = name.contains("mask") || dtype == DType.BOOL;
        tensor.setLong(i, mask ? 1 : name.contains("type") ? 0 : random.nextInt(most));
      }
    }
    return tensor;
  }
}
