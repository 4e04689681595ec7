package dev.sinter.passes;

/// How free a compilation is in computing the same numbers.
public enum MathMode {
  /// Only sums are made in another order, as schedules want it.
  EXACT,
  /// Convolutions may be done in fewer multiplications, and scales be folded into weights.
  FAST;

  /// Whether what another mode allows is allowed.
  boolean allows(MathMode other) {
    return other.compareTo(this) <= 0;
  }
}
