package dev.sinter.passes;

/// How free a compilation is in computing the same numbers.
public enum MathMode {
  /// Sums may be made in another order, and convolutions in fewer multiplications.
  FAST,
  /// Each result is rounded as the model's ops say.
  EXACT
}
