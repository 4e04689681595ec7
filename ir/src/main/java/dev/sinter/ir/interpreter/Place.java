package dev.sinter.ir.interpreter;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.runtime.Shapes;
import org.jspecify.annotations.Nullable;

/// Where an element of an operand lies in its row-major order; refuses what is out of range.
final class Place {
  private final String what;
  private final long[] shape;
  private final Frame.Integral[] index;

  /// The indices that are sums of axes, which most are; the others are null.
  private final @Nullable Affine[] affine;

  /// @param what names the node and the operand in faults
  Place(String what, long[] shape, Frame.Integral[] index) {
    this.what = what;
    this.shape = shape;
    this.index = index;
    this.affine = new Affine[index.length];
    for (int i = 0; i < index.length; i++) {
      affine[i] = index[i] instanceof Affine sum ? sum : null;
    }
  }

  int in(Frame frame) {
    long place = 0;
    for (int i = 0; i < index.length; i++) {
      Affine sum = affine[i];
      long value = sum != null ? sum.at(frame) : index[i].at(frame);
      if (value < 0 || value >= shape[i]) {
        throw new CompilerBug(
            "interpreter",
            "%s at index %d of axis %d, but its shape is %s"
                .formatted(what, value, i, Shapes.text(shape)));
      }
      place = place * shape[i] + value;
    }
    return (int) place;
  }
}
