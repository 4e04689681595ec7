package dev.sinter.runtime;

/// Sizes of shapes, checked: no product overflows and nothing is larger than the limit.
public final class Shapes {
  /// The most bytes a tensor may have, 2^46: what a process can address, with room to add a few of
  /// them.
  public static final long MAX_BYTES = 1L << 46;

  private Shapes() {}

  /// The number of elements of a shape; 1 for a scalar.
  ///
  /// @throws ShapeException when a dim is negative or the product is more than [#MAX_BYTES]
  public static long size(long... shape) {
    long size = 1;
    boolean empty = false;
    for (long dim : shape) {
      if (dim < 0) {
        throw new ShapeException("shape %s has a negative dim".formatted(text(shape)));
      }
      empty |= dim == 0;
    }
    if (empty) {
      return 0;
    }
    for (long dim : shape) {
      if (dim > MAX_BYTES / size) {
        throw new ShapeException("shape %s is too large".formatted(text(shape)));
      }
      size *= dim;
    }
    return size;
  }

  /// A shape as text: `[2, 3]`, `[]` for a scalar.
  public static String text(long... shape) {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < shape.length; i++) {
      text.append(i == 0 ? "" : ", ").append(shape[i]);
    }
    return text.append(']').toString();
  }
}
