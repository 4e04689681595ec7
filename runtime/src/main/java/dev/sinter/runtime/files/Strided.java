package dev.sinter.runtime.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Where the elements of an array lie in memory that they need not fill: element (i, j, ...) at
/// byte `offset + i * strides[0] + j * strides[1] + ...`.
final class Strided {
  private final long offset;
  private final long[] shape;
  private final long[] strides;
  private final int width;

  /// @param offset of the first element, in bytes
  /// @param shape the dims, outermost first
  /// @param strides in bytes, none negative
  /// @param width the bytes of an element: 1, 2, 4 or 8
  Strided(long offset, long[] shape, long[] strides, int width) {
    this.offset = offset;
    this.shape = shape.clone();
    this.strides = strides.clone();
    this.width = width;
  }

  long offset() {
    return offset;
  }

  long[] shape() {
    return shape.clone();
  }

  int width() {
    return width;
  }

  /// The elements in columns: the first axis runs fastest.
  static Strided columns(long[] shape, int width) {
    long[] strides = new long[shape.length];
    long stride = width;
    for (int axis = 0; axis < shape.length; axis++) {
      strides[axis] = stride;
      stride *= shape[axis];
    }
    return new Strided(0, shape, strides, width);
  }

  /// Whether they follow one another row by row.
  boolean isRows() {
    long stride = width;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      if (shape[axis] != 1 && strides[axis] != stride) {
        return false;
      }
      stride *= shape[axis];
    }
    return true;
  }

  /// The bytes up to the end of the last element; 0 where there is none.
  ///
  /// @throws ArithmeticException when that is more than 2^63
  long end() {
    long last = offset;
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == 0) {
        return 0;
      }
      last = Math.addExact(last, Math.multiplyExact(shape[axis] - 1, strides[axis]));
    }
    return Math.addExact(last, width);
  }

  /// Copies the elements row by row.
  void copy(MemorySegment from, MemorySegment to) {
    int rank = shape.length;
    long[] index = new long[rank];
    long source = offset;
    for (long at = 0; at < to.byteSize(); at += width) {
      copy(from, source, to, at);
      int axis = rank - 1;
      while (axis >= 0 && ++index[axis] == shape[axis]) {
        source -= (index[axis] - 1) * strides[axis];
        index[axis--] = 0;
      }
      source += axis >= 0 ? strides[axis] : 0;
    }
  }

  private void copy(MemorySegment from, long source, MemorySegment to, long at) {
    switch (width) {
      case 1 -> to.set(ValueLayout.JAVA_BYTE, at, from.get(ValueLayout.JAVA_BYTE, source));
      case 2 ->
          to.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              at,
              from.get(ValueLayout.JAVA_SHORT_UNALIGNED, source));
      case 4 ->
          to.set(
              ValueLayout.JAVA_INT_UNALIGNED, at, from.get(ValueLayout.JAVA_INT_UNALIGNED, source));
      default ->
          to.set(
              ValueLayout.JAVA_LONG_UNALIGNED,
              at,
              from.get(ValueLayout.JAVA_LONG_UNALIGNED, source));
    }
  }

  /// Turns the bytes of each element round.
  static void reverse(MemorySegment memory, int width) {
    for (long at = 0; at < memory.byteSize(); at += width) {
      for (int low = 0, high = width - 1; low < high; low++, high--) {
        byte first = memory.get(ValueLayout.JAVA_BYTE, at + low);
        memory.set(ValueLayout.JAVA_BYTE, at + low, memory.get(ValueLayout.JAVA_BYTE, at + high));
        memory.set(ValueLayout.JAVA_BYTE, at + high, first);
      }
    }
  }
}
