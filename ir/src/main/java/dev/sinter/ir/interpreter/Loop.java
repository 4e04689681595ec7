package dev.sinter.ir.interpreter;

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
