package dev.sinter.ir.interpreter;

/// What compiled element expressions read: the values of the axes by slot, and the operands'
/// elements.
final class Frame {
  final long[] axes;
  final Numbers[] operands;

  /// By how much the last value may be missed, where errors are followed.
  double error;

  Frame(int slots, Numbers[] operands) {
    this.axes = new long[slots];
    this.operands = operands;
  }

  /// Answers `value` and leaves its error.
  double with(double value, double error) {
    this.error = error;
    return value;
  }

  /// An expression compiled to something that answers a float.
  interface Real {
    double at(Frame frame);
  }

  /// An expression compiled to something that answers an integer or a bool.
  interface Integral {
    long at(Frame frame);
  }
}
