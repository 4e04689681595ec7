package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// What each [ScalarFn] computes: the one place where their meaning is written down in Java.
///
/// Floats are computed in `f64` and not rounded to their type: whoever stores a result rounds it.
/// Integers and bools come and go as `long`, a `u64` as its bits, and results are wrapped to their
/// type. Comparisons answer 1 or 0. Of transcendental functions the strict ones are taken, so that
/// the answers are the same on every machine.
public final class ScalarMath {
  private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

  private ScalarMath() {}

  /// The value of `fn` for arguments of the float type `type`.
  ///
  /// @throws IllegalArgumentException if the function has no meaning for floats
  public static double apply(ScalarFn fn, DType type, double... x) {
    return switch (fn) {
      case FMA -> Math.fma(x[0], x[1], x[2]);
      case SELECT -> x[0] != 0 ? x[1] : x[2];
      case THREEFRY -> throw unfit(fn, type);
      default ->
          fn.arity() == 1 ? unary(fn).applyAsDouble(x[0]) : binary(fn).applyAsDouble(x[0], x[1]);
    };
  }

  /// The value of `fn` for arguments of the integer type `type` or bool.
  ///
  /// @throws IllegalArgumentException if the function has no meaning for integers
  public static long apply(ScalarFn fn, DType type, long... x) {
    return switch (fn) {
      case FMA -> type.wrap(x[0] * x[1] + x[2]);
      case SELECT -> x[0] != 0 ? x[1] : x[2];
      case THREEFRY -> threefry((int) x[0], (int) x[1], (int) x[2], (int) x[3]) >>> 32;
      default ->
          fn.arity() == 1
              ? unary(fn, type).applyAsLong(x[0])
              : binary(fn, type).applyAsLong(x[0], x[1]);
    };
  }

  /// A function of one float.
  public static DoubleUnaryOperator unary(ScalarFn fn) {
    return switch (fn) {
      case NEG -> x -> -x;
      case ABS -> Math::abs;
      case SIGN -> Math::signum;
      case FLOOR -> Math::floor;
      case CEIL -> Math::ceil;
      case ROUND -> Math::rint;
      case TRUNC -> x -> x < 0 ? Math.ceil(x) : Math.floor(x);
      case SQRT -> Math::sqrt;
      case EXP -> StrictMath::exp;
      case EXPM1 -> StrictMath::expm1;
      case LOG -> StrictMath::log;
      case LOG1P -> StrictMath::log1p;
      case SIN -> StrictMath::sin;
      case COS -> StrictMath::cos;
      case TAN -> StrictMath::tan;
      case ASIN -> StrictMath::asin;
      case ACOS -> StrictMath::acos;
      case ATAN -> StrictMath::atan;
      case TANH -> StrictMath::tanh;
      case ERF -> ScalarMath::erf;
      case IS_NAN -> x -> Double.isNaN(x) ? 1 : 0;
      default -> throw unfit(fn, DType.F64);
    };
  }

  /// A function of two floats.
  public static DoubleBinaryOperator binary(ScalarFn fn) {
    return switch (fn) {
      case ADD -> Double::sum;
      case SUB -> (a, b) -> a - b;
      case MUL -> (a, b) -> a * b;
      case DIV -> (a, b) -> a / b;
      case REM -> ScalarMath::floorMod;
      case POW -> StrictMath::pow;
      case MAX -> Math::max;
      case MIN -> Math::min;
      case ATAN2 -> StrictMath::atan2;
      case EQ -> (a, b) -> a == b ? 1 : 0;
      case NE -> (a, b) -> a != b ? 1 : 0;
      case LT -> (a, b) -> a < b ? 1 : 0;
      case LE -> (a, b) -> a <= b ? 1 : 0;
      case GT -> (a, b) -> a > b ? 1 : 0;
      case GE -> (a, b) -> a >= b ? 1 : 0;
      default -> throw unfit(fn, DType.F64);
    };
  }

  /// A function of one integer or bool of type `type`.
  public static LongUnaryOperator unary(ScalarFn fn, DType type) {
    return switch (fn) {
      case NEG -> x -> type.wrap(-x);
      case ABS -> type.kind() == DType.Kind.SIGNED ? x -> type.wrap(Math.abs(x)) : x -> x;
      case SIGN -> type.kind() == DType.Kind.SIGNED ? x -> Long.signum(x) : x -> x == 0 ? 0 : 1;
      case FLOOR, CEIL, ROUND, TRUNC -> x -> x;
      case IS_NAN -> x -> 0;
      case NOT -> type == DType.BOOL ? x -> x ^ 1 : x -> type.wrap(~x);
      default -> throw unfit(fn, type);
    };
  }

  /// A function of two integers or bools of type `type`.
  public static LongBinaryOperator binary(ScalarFn fn, DType type) {
    boolean unsigned = type.kind() == DType.Kind.UNSIGNED;
    return switch (fn) {
      case ADD -> (a, b) -> type.wrap(a + b);
      case SUB -> (a, b) -> type.wrap(a - b);
      case MUL -> (a, b) -> type.wrap(a * b);
      case DIV ->
          unsigned
              ? (a, b) -> b == 0 ? 0 : Long.divideUnsigned(a, b)
              : (a, b) -> b == 0 ? 0 : type.wrap(a / b);
      case REM ->
          unsigned
              ? (a, b) -> b == 0 ? 0 : Long.remainderUnsigned(a, b)
              : (a, b) -> b == 0 ? 0 : Math.floorMod(a, b);
      case POW -> (a, b) -> type.wrap(power(a, b, unsigned));
      case MAX -> (a, b) -> compare(a, b, unsigned) >= 0 ? a : b;
      case MIN -> (a, b) -> compare(a, b, unsigned) <= 0 ? a : b;
      case EQ -> (a, b) -> a == b ? 1 : 0;
      case NE -> (a, b) -> a != b ? 1 : 0;
      case LT -> (a, b) -> compare(a, b, unsigned) < 0 ? 1 : 0;
      case LE -> (a, b) -> compare(a, b, unsigned) <= 0 ? 1 : 0;
      case GT -> (a, b) -> compare(a, b, unsigned) > 0 ? 1 : 0;
      case GE -> (a, b) -> compare(a, b, unsigned) >= 0 ? 1 : 0;
      case AND -> (a, b) -> a & b;
      case OR -> (a, b) -> a | b;
      case XOR -> (a, b) -> a ^ b;
      case SHL -> (a, b) -> type.wrap(a << b);
      // Narrow values are held with their sign, or without: one shift or the other is theirs.
      case SHR -> unsigned ? (a, b) -> a >>> b : (a, b) -> a >> b;
      default -> throw unfit(fn, type);
    };
  }

  /// The remainder with the sign of the divisor; NaN for a divisor of 0.
  private static double floorMod(double a, double b) {
    double r = a % b;
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  }

  private static int compare(long a, long b, boolean unsigned) {
    return unsigned ? Long.compareUnsigned(a, b) : Long.compare(a, b);
  }

  /// `base` to the power `exponent`, wrapped; the truncated quotient for a negative exponent.
  private static long power(long base, long exponent, boolean unsigned) {
    if (exponent < 0 && !unsigned) {
      return base == 1 ? 1 : base == -1 ? ((exponent & 1) == 0 ? 1 : -1) : 0;
    }
    long result = 1;
    long square = base;
    for (long rest = exponent; rest != 0; rest >>>= 1) {
      if ((rest & 1) != 0) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }

  /// The error function, to a few units in the last place.
  ///
  /// Below 3 by `2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (1*3*..*(2n+1))`, whose terms are all of
  /// one sign; above by the continued fraction of its complement. Source: Abramowitz and Stegun
  /// 7.1.6 and 7.1.14.
  private static double erf(double x) {
    double a = Math.abs(x);
    if (Double.isNaN(x) || a < 1e-300) {
      return TWO_OVER_ROOT_PI * x;
    }
    if (a > 6) {
      return Math.signum(x);
    }
    double scale = StrictMath.exp(-x * x);
    if (a < 3) {
      double term = x;
      double sum = x;
      for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
        term *= 2 * x * x / (2 * n + 1);
        sum += term;
      }
      return TWO_OVER_ROOT_PI * scale * sum;
    }
    // 60 levels give all digits of erfc from 3 on.
    double fraction = a;
    for (int n = 60; n > 0; n--) {
      fraction = a + n / 2.0 / fraction;
    }
    return Math.signum(x) * (1 - scale / Math.sqrt(Math.PI) / fraction);
  }

  private static final int[] ROTATIONS = {13, 15, 26, 6, 17, 29, 16, 24};

  /// Threefry-2x32 with 20 rounds: the first word in the high half, the second in the low one.
  ///
  /// Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011).
  public static long threefry(int key0, int key1, int counter0, int counter1) {
    int[] key = {key0, key1, 0x1BD11BDA ^ key0 ^ key1};
    int x0 = counter0 + key0;
    int x1 = counter1 + key1;
    for (int round = 0; round < 20; round++) {
      x0 += x1;
      x1 = Integer.rotateLeft(x1, ROTATIONS[round % 8]) ^ x0;
      if (round % 4 == 3) {
        int injection = round / 4 + 1;
        x0 += key[injection % 3];
        x1 += key[(injection + 1) % 3] + injection;
      }
    }
    return ((long) x0 << 32) | (x1 & 0xffffffffL);
  }

  /// The integer of type `to` that stands for a float: no fraction, saturated, 0 for NaN; a bool
  /// takes 1 for all but zero.
  public static long toInteger(double value, DType to) {
    return switch (to) {
      case I64 -> (long) value;
      case U64 ->
          !(value > 0)
              ? 0
              : value < 0x1p63
                  ? (long) value
                  : value < 0x1p64 ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : -1;
      default -> (long) to.round(value);
    };
  }

  /// The `f64` nearest to an integer of type `from`.
  public static double toReal(long value, DType from) {
    if (from != DType.U64 || value >= 0) {
      return (double) value;
    }
    // Half of it, with a sticky last bit so that ties stay what they are.
    return 2.0 * ((value >>> 1) | (value & 1));
  }

  /// The float of type `to` nearest to an integer of type `from`, rounded once.
  public static double toReal(long value, DType from, DType to) {
    double near = toReal(value, from);
    if (to == DType.F64 || Math.abs(near) < 0x1p53) {
      return to.round(near);
    }
    // Rounded to odd, so that the second rounding does as if it were the only one.
    long bits = 11;
    boolean negative = from.kind() == DType.Kind.SIGNED && value < 0;
    long magnitude = negative ? -value : value;
    long kept = magnitude >>> bits;
    long odd = (magnitude & ((1L << bits) - 1)) == 0 ? kept : kept | 1;
    double wide = (double) odd * 0x1p11;
    return to.round(negative ? -wide : wide);
  }

  private static IllegalArgumentException unfit(ScalarFn fn, DType type) {
    return new IllegalArgumentException(fn + " has no meaning for " + type);
  }
}
