package dev.sinter.passes;

/// How free a compilation is in computing the same numbers.
public enum MathMode {
  /// Convolutions may be done in fewer multiplications, and scales be folded into weights.
  FAST,
  /// Neither is; only sums are made in another order, as schedules want it.
  EXACT
}
