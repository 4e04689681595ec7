package dev.sinter.ir.interpreter;

/// Counts through the axes of a reduction, the last one fastest.
final class Loop {
  private final int[] slots;
  private final Frame.Integral[] extents;

  Loop(int[] slots, Frame.Integral[] extents) {
    this.slots = slots;
    this.extents = extents;
  }

  /// Goes to the first point; false where there is none.
  boolean first(Frame frame) {
    for (int i = 0; i < slots.length; i++) {
      frame.axes[slots[i]] = 0;
      if (extents[i].at(frame) <= 0) {
        return false;
      }
    }
    return true;
  }

  /// Goes to the next point; false after the last.
  boolean next(Frame frame) {
    for (int i = slots.length - 1; i >= 0; i--) {
      if (++frame.axes[slots[i]] < extents[i].at(frame)) {
        return true;
      }
      frame.axes[slots[i]] = 0;
    }
    return false;
  }
}
