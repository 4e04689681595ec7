package dev.sinter.ir.interpreter;

import java.util.List;
import java.util.Map;

/// A constant and a sum of axes with constant factors.
final class Affine implements Frame.Integral {
  private final long constant;
  private final int[] slots;
  private final long[] factors;

  /// @param linear for each axis's slot its factor
  Affine(long constant, Map<Integer, Long> linear) {
    this.constant = constant;
    List<Integer> axes = linear.keySet().stream().sorted().toList();
    this.slots = axes.stream().mapToInt(a -> a).toArray();
    this.factors = axes.stream().mapToLong(linear::get).toArray();
  }

  @Override
  public long at(Frame frame) {
    long sum = constant;
    for (int i = 0; i < slots.length; i++) {
      sum += factors[i] * frame.axes[slots[i]];
    }
    return sum;
  }

  boolean isConstant() {
    return slots.length == 0;
  }

  long constant() {
    return constant;
  }

  /// The slot of the first axis.
  int axis() {
    return slots[0];
  }
}
