package dev.sinter.ir.interpreter;

import dev.sinter.runtime.DType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The meaning of [dev.sinter.ir.Extern#SORT].
final class Sorting {
  private Sorting() {}

  /// Values and positions along the last axis, descending, equal ones in order, NaN before all.
  static List<Numbers> descending(Numbers x) {
    Numbers values = Numbers.zeros(x.dtype(), x.shape());
    Numbers positions = Numbers.zeros(DType.I64, x.shape());
    int row = (int) x.shape()[x.shape().length - 1];
    Integer[] order = new Integer[row];
    for (int start = 0; start < x.size(); start += row) {
      int first = start;
      Arrays.setAll(order, i -> i);
      Arrays.sort(
          order, Comparator.comparing((Integer i) -> first + i, (a, b) -> compare(x, b, a)));
      double error = 0;
      for (int i = 0; i < row; i++) {
        error = Math.max(error, x.error(start + i));
      }
      for (int i = 0; i < row; i++) {
        values.setError(start + i, error);
        positions.setError(start + i, error == 0 ? 0 : Double.POSITIVE_INFINITY);
        positions.integers[start + i] = order[i];
        if (x.dtype().isFloat()) {
          values.reals[start + i] = x.reals[start + order[i]];
        } else {
          values.integers[start + i] = x.integers[start + order[i]];
        }
      }
    }
    return List.of(values, positions);
  }

  private static int compare(Numbers x, int a, int b) {
    if (x.dtype().isFloat()) {
      double left = x.reals[a];
      double right = x.reals[b];
      // Adding zero makes the two zeros one.
      return Double.compare(left + 0.0, right + 0.0);
    }
    long left = x.integers[a];
    long right = x.integers[b];
    return x.dtype().kind() == DType.Kind.UNSIGNED
        ? Long.compareUnsigned(left, right)
        : Long.compare(left, right);
  }
}
