package dev.sinter.ir;

import dev.sinter.runtime.DType;

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

  /// The value of an empty reduction over `dtype`: for MAX and MIN of integers the type's least and
  /// greatest value.
  public Elem.Literal identity(DType dtype) {
    if (!dtype.isInteger() || (this != MAX && this != MIN)) {
      return (Elem.Literal) Elem.literal(dtype, identity());
    }
    boolean signed = dtype.kind() == DType.Kind.SIGNED;
    long bits =
        this == MAX
            ? (signed ? -1L << (dtype.bits() - 1) : 0)
            : signed ? -1L >>> (65 - dtype.bits()) : -1L >>> (64 - dtype.bits());
    return (Elem.Literal) Elem.literal(dtype, bits);
  }

  /// The function that joins two elements.
  public ScalarFn join() {
    return switch (this) {
      case SUM -> ScalarFn.ADD;
      case PRODUCT -> ScalarFn.MUL;
      case MAX -> ScalarFn.MAX;
      case MIN -> ScalarFn.MIN;
      case ANY -> ScalarFn.OR;
      case ALL -> ScalarFn.AND;
    };
  }

  /// The text form, in small letters.
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
