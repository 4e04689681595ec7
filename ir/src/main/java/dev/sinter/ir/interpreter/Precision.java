package dev.sinter.ir.interpreter;

/// What becomes of floats between nodes.
enum Precision {
  /// They are rounded to their type.
  ROUNDED,
  /// They stay `f64`.
  EXACT,
  /// They stay `f64`, and errors that rounding would make are followed.
  BOUNDED;

  /// Whether floats stay `f64`.
  boolean isExact() {
    return this != ROUNDED;
  }
}
