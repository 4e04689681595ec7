package dev.sinter.ir;

/// How a reduction joins elements. All are associative and commutative up to rounding.
public enum Reducer {
  SUM,
  PRODUCT,
  MAX,
  MIN,
  ANY,
  ALL;

  /// The value of an empty reduction over `f64`: 0, 1, -inf, +inf; 0 and 1 for ANY and ALL.
  public double identity() {
    return switch (this) {
      case SUM, ANY -> 0;
      case PRODUCT, ALL -> 1;
      case MAX -> Double.NEGATIVE_INFINITY;
      case MIN -> Double.POSITIVE_INFINITY;
    };
  }

  /// The text form, in small letters.
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
