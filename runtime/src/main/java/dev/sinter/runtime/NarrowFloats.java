package dev.sinter.runtime;

/// Conversions that Java has no correctly rounded cast for: to and from 16-bit floats and unsigned
/// longs.
///
/// A `double` goes to 16 bits by way of a `float` that is rounded *to odd*: the inexact neighbour
/// with an odd last bit is kept, so that the second rounding still sees on which side of a tie the
/// value lay (Boldo and Melquiond, "When double rounding is odd", 2005). It needs two spare bits,
/// and a float has 13 over f16 and 16 over bf16.
final class NarrowFloats {
  private NarrowFloats() {}

  /// The bits of the nearest f16, ties to even.
  static short float16(double value) {
    return Float.floatToFloat16(roundToOdd(value));
  }

  /// The bits of the nearest bf16, ties to even.
  static short bfloat16(double value) {
    int bits = Float.floatToRawIntBits(roundToOdd(value));
    if (Double.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    // A carry out of the fraction steps the exponent, up to infinity, as it should.
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /// The value of the bf16 with these bits.
  static float fromBfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// The `double` nearest to a `long` in which 16-bit rounding can still see every tie.
  static double longToOdd(long value) {
    if (value == (long) (double) value && value != Long.MAX_VALUE) {
      return value;
    }
    long sticky = (value & 0x7ff) != 0 ? 0x800 : 0;
    return (double) ((value & ~0x7ffL) | sticky);
  }

  /// The `double` nearest to an unsigned 64-bit integer.
  static double unsignedToDouble(long bits) {
    if (bits >= 0) {
      return bits;
    }
    // Halved with the lost bit kept as a sticky one: 63 bits round as the 64 would have.
    return 2.0 * ((bits >>> 1) | (bits & 1));
  }

  /// The unsigned 64-bit integer below a `double`, saturated, 0 for NaN.
  static long doubleToUnsigned(double value) {
    if (value < 0x1p63) {
      return Math.max((long) value, 0L);
    }
    return value < 0x1p64
        ? (long) (value - 0x1p63) ^ Long.MIN_VALUE
        : Double.isNaN(value) ? 0 : -1L;
  }

  private static float roundToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value)) {
      return nearest;
    }
    int bits = Float.floatToRawIntBits(nearest);
    if (Math.abs((double) nearest) > Math.abs(value)) {
      bits--;
    }
    return Float.intBitsToFloat(bits | 1);
  }
}
