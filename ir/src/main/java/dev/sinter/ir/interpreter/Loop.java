package dev.sinter.ir.interpreter;

import dev.sinter.ir.Axis;
import java.util.List;

/// Counts through the axes of a reduction, the last one fastest.
final class Loop {
  private final int[] slots;
  private final Frame.Integral[] extents;
  private final long[] constants;

  Loop(int[] slots, Frame.Integral[] extents) {
    this.slots = slots;
    this.extents = extents;
    this.constants = new long[extents.length];
    for (int i = 0; i < extents.length; i++) {
      boolean constant = extents[i] instanceof Affine affine && affine.isConstant();
      constants[i] = constant ? ((Affine) extents[i]).constant() : -1;
    }
  }

  /// A loop over `axes`, whose symbols are bound from here on; `scope` takes the bindings.
  static Loop bind(List<Axis> axes, IndexCompiler indices, List<IndexCompiler.Binding> scope) {
    int[] slots = new int[axes.size()];
    Frame.Integral[] extents = new Frame.Integral[slots.length];
    for (int i = 0; i < slots.length; i++) {
      extents[i] = indices.compile(axes.get(i).extent());
      scope.add(indices.bind(axes.get(i).symbol()));
      slots[i] = scope.getLast().slot();
    }
    return new Loop(slots, extents);
  }

  private long extent(int axis, Frame frame) {
    return constants[axis] >= 0 ? constants[axis] : extents[axis].at(frame);
  }

  /// Goes to the first point; false where there is none.
  boolean first(Frame frame) {
    for (int i = 0; i < slots.length; i++) {
      frame.axes[slots[i]] = 0;
      if (extent(i, frame) <= 0) {
        return false;
      }
    }
    return true;
  }

  /// Goes to the next point; false after the last.
  boolean next(Frame frame) {
    for (int i = slots.length - 1; i >= 0; i--) {
      if (++frame.axes[slots[i]] < extent(i, frame)) {
        return true;
      }
      frame.axes[slots[i]] = 0;
    }
    return false;
  }
}
