package dev.sinter.ir;

/// The integers from `low` to `high`; the ends of `long` stand for no end.
record Interval(long low, long high) {
  static final long BELOW = Long.MIN_VALUE;
  static final long ABOVE = Long.MAX_VALUE;
  static final Interval ALL = new Interval(BELOW, ABOVE);

  Interval {
    // A bound may always be weaker, and an end that is none must lie on its own side.
    low = low == ABOVE ? 1L << 62 : low;
    high = high == BELOW ? -(1L << 62) : high;
  }

  static Interval of(long value) {
    return new Interval(value, value);
  }

  Interval plus(Interval other) {
    return new Interval(
        low == BELOW || other.low == BELOW
            ? BELOW
            : clamp((double) low + other.low, low + other.low),
        high == ABOVE || other.high == ABOVE
            ? ABOVE
            : clamp((double) high + other.high, high + other.high));
  }

  Interval times(Interval other) {
    long a = product(low, other.low);
    long b = product(low, other.high);
    long c = product(high, other.low);
    long d = product(high, other.high);
    return new Interval(
        Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
  }

  private static long product(long a, long b) {
    if (a == 0 || b == 0) {
      return 0;
    }
    boolean infinite = a == BELOW || a == ABOVE || b == BELOW || b == ABOVE;
    if (infinite) {
      return (a < 0) == (b < 0) ? ABOVE : BELOW;
    }
    return clamp((double) a * b, a * b);
  }

  /// What is near the ends counts as having none: a bound may always be weaker.
  private static long clamp(double approximate, long exact) {
    return approximate >= 0x1p62 ? ABOVE : approximate <= -0x1p62 ? BELOW : exact;
  }

  /// The floor quotients by positive divisors.
  Interval floorDiv(Interval divisor) {
    if (divisor.low < 1) {
      return ALL;
    }
    return new Interval(
        Math.min(quotient(low, divisor.low), quotient(low, divisor.high)),
        Math.max(quotient(high, divisor.low), quotient(high, divisor.high)));
  }

  private static long quotient(long a, long b) {
    return a == BELOW || a == ABOVE ? a : b == ABOVE ? (a < 0 ? -1 : 0) : Math.floorDiv(a, b);
  }

  Interval max(Interval other) {
    return new Interval(Math.max(low, other.low), Math.max(high, other.high));
  }

  Interval min(Interval other) {
    return new Interval(Math.min(low, other.low), Math.min(high, other.high));
  }

  Interval and(Interval other) {
    return new Interval(Math.max(low, other.low), Math.min(high, other.high));
  }
}
