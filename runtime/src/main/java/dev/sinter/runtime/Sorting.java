package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;

/// The algorithm behind the op `sort`, for generated code to call.
///
/// The positions of a row are sorted where they will stay, by a heap: no memory is needed beside
/// the results, nothing is allocated, and no order of the input is slow. No two positions are
/// equal, so that equal values keep their order.
public final class Sorting {
  private Sorting() {}

  /// Sorts each row of `x`, descending, into `values`, and says in `positions` (`i64`) where each
  /// was; NaN comes before all, both zeros are equal. The three do not overlap; all are row-major.
  ///
  /// @param dtype of `x` and `values`
  /// @param rows how many rows there are, of which this call does the share `part` of `parts`
  /// @param row the elements of a row
  public static void descending(
      DType dtype,
      MemorySegment x,
      long xAt,
      MemorySegment values,
      long valuesAt,
      MemorySegment positions,
      long positionsAt,
      long rows,
      long row,
      int part,
      int parts) {
    // Two rows of 4-bit elements may meet in one byte.
    boolean alone = dtype.bits() < 8;
    if (alone && part > 0) {
      return;
    }
    long begin = alone ? 0 : Frame.begin(rows, part, parts);
    long end = alone ? rows : Frame.begin(rows, part + 1, parts);
    for (long r = begin; r < end; r++) {
      long first = r * row;
      long order = positionsAt + first * 8;
      for (long i = 0; i < row; i++) {
        positions.set(Layouts.I64, order + i * 8, i);
      }
      sort(dtype, x, xAt, first, positions, order, row);
      for (long i = 0; i < row; i++) {
        long from = first + positions.get(Layouts.I64, order + i * 8);
        move(dtype, x, xAt, from, values, valuesAt, first + i);
      }
    }
  }

  /// Sorts `count` positions at `order`: the one that comes last rises to the top of a heap and is
  /// put behind the rest.
  private static void sort(
      DType dtype,
      MemorySegment x,
      long xAt,
      long first,
      MemorySegment positions,
      long order,
      long count) {
    for (long i = count / 2 - 1; i >= 0; i--) {
      sift(dtype, x, xAt, first, positions, order, i, count);
    }
    for (long last = count - 1; last > 0; last--) {
      long top = positions.get(Layouts.I64, order);
      positions.set(Layouts.I64, order, positions.get(Layouts.I64, order + last * 8));
      positions.set(Layouts.I64, order + last * 8, top);
      sift(dtype, x, xAt, first, positions, order, 0, last);
    }
  }

  private static void sift(
      DType dtype,
      MemorySegment x,
      long xAt,
      long first,
      MemorySegment positions,
      long order,
      long from,
      long count) {
    long at = from;
    long sinking = positions.get(Layouts.I64, order + at * 8);
    while (2 * at + 1 < count) {
      long child = 2 * at + 1;
      long later = positions.get(Layouts.I64, order + child * 8);
      if (child + 1 < count) {
        long other = positions.get(Layouts.I64, order + (child + 1) * 8);
        if (isBefore(dtype, x, xAt, first, later, other)) {
          child++;
          later = other;
        }
      }
      if (!isBefore(dtype, x, xAt, first, sinking, later)) {
        break;
      }
      positions.set(Layouts.I64, order + at * 8, later);
      at = child;
    }
    positions.set(Layouts.I64, order + at * 8, sinking);
  }

  private static boolean isBefore(
      DType dtype, MemorySegment x, long xAt, long first, long a, long b) {
    int order;
    if (dtype.isFloat()) {
      // Adding zero makes the two zeros one; NaN is greater than all.
      order =
          Double.compare(
              Elements.getDouble(dtype, x, xAt, first + b) + 0.0,
              Elements.getDouble(dtype, x, xAt, first + a) + 0.0);
    } else {
      long left = Elements.getLong(dtype, x, xAt, first + b);
      long right = Elements.getLong(dtype, x, xAt, first + a);
      order = dtype == DType.U64 ? Long.compareUnsigned(left, right) : Long.compare(left, right);
    }
    return order < 0 || (order == 0 && a < b);
  }

  /// Copies an element bit by bit.
  private static void move(
      DType dtype,
      MemorySegment x,
      long xAt,
      long from,
      MemorySegment values,
      long valuesAt,
      long to) {
    if (dtype.bits() < 8) {
      Elements.setLong(dtype, values, valuesAt, to, Elements.getLong(dtype, x, xAt, from));
      return;
    }
    int bytes = dtype.bits() / 8;
    MemorySegment.copy(x, xAt + from * bytes, values, valuesAt + to * bytes, bytes);
  }
}
