package dev.sinter.ir.kernel;

import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The expansions of functions of `f32`: range reduction and polynomials over fused multiply-adds,
/// right for infinities, NaN and, but for results of exp, subnormal numbers.
///
/// Coefficients of expm1 and log are those of Cephes (Moshier), those of tanh and erf of Eigen's
/// rational approximations; those of exp were fitted for the least relative error. The bounds on
/// their errors are kept by a test.
final class FloatFunctions {
  private static final double LOG2_E = 1.4426950408889634;

  /// ln 2 in two parts: products of the first with small integers are exact.
  private static final double LN2_HIGH = 0.693359375;

  private static final double LN2_LOW = -2.12194440e-4;

  /// 1.5 * 2^23: added to a small number, it leaves the nearest integer in the low bits.
  private static final double MAGIC = 12582912;

  private static final long MAGIC_BITS = 0x4B400000L;
  private static final double[] EXP = {
    1.3821055118E-3, 8.3686746657E-3, 4.1668303311E-2, 1.6666521132E-1, 4.9999994040E-1
  };
  private static final double[] EXPM1 = {
    1.9875691500E-4,
    1.3981999507E-3,
    8.3334519073E-3,
    4.1665795894E-2,
    1.6666665459E-1,
    5.0000001201E-1
  };
  private static final double[] LOG = {
    7.0376836292E-2,
    -1.1514610310E-1,
    1.1676998740E-1,
    -1.2420140846E-1,
    1.4249322787E-1,
    -1.6668057665E-1,
    2.0000714765E-1,
    -2.4999993993E-1,
    3.3333331174E-1
  };
  private static final double[] TANH_OVER = {
    -2.76076847742355e-16,
    2.00018790482477e-13,
    -8.60467152213735e-11,
    5.12229709037114e-08,
    1.48572235717979e-05,
    6.37261928875436e-04,
    4.89352455891786e-03
  };
  private static final double[] TANH_UNDER = {
    1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03
  };
  private static final double[] ERF_OVER = {
    -2.72614225801306e-10,
    2.77068142495902e-08,
    -2.10102402082508e-06,
    -5.69250639462346e-05,
    -7.34990630326855e-04,
    -2.95459980854025e-03,
    -1.60960333262415e-02
  };
  private static final double[] ERF_UNDER = {
    -1.45660718464996e-05,
    -2.13374055278905e-04,
    -1.68282697438203e-03,
    -7.37332916720468e-03,
    -1.42647390514189e-02
  };

  private final List<Statement.Let> steps = new ArrayList<>();
  private final Expr x = new Expr.Local("x");

  private FloatFunctions() {}

  static Optional<ScalarExpansion> of(ScalarFn fn) {
    FloatFunctions f = new FloatFunctions();
    Expr result =
        switch (fn) {
          case EXP -> f.exp();
          case EXPM1 -> f.expm1();
          case LOG -> f.log();
          case LOG1P -> f.log1p();
          case TANH -> f.ratio(7.9053111, TANH_OVER, TANH_UNDER);
          case ERF -> f.ratio(4, ERF_OVER, ERF_UNDER);
          case SIGN -> select(gt(f.x, real(0)), real(1), select(lt(f.x, real(0)), real(-1), f.x));
          case FLOOR -> f.whole(f.step("down", down(f.truncated(), f.x)));
          case CEIL -> f.whole(f.step("up", up(f.truncated(), f.x)));
          case TRUNC -> f.whole(f.truncated());
          case ROUND -> f.whole(f.step("near", f.nearest()));
          default -> null;
        };
    return result == null
        ? Optional.empty()
        : Optional.of(new ScalarExpansion(fn, DType.F32, List.of("x"), f.steps, result));
  }

  /// `2 * (2^(n-1) * expm1(r) + 2^(n-1))`: half of the largest results has an exponent.
  ///
  /// The exponent with its offset is the low bits of a number, which is what bounds it above, by
  /// the largest: infinity's would be infinity less infinity where `r` is negative, and with this
  /// `r` is what grows, until the last doubling overflows. The least, for results below 1.7e-38
  /// (2^-125.5), is that of zero, and so are these: subnormal numbers take some processors a
  /// hundred times as long.
  private Expr exp() {
    double magic = MAGIC + 126;
    int most = Float.floatToRawIntBits((float) (MAGIC + 254));
    Expr bounded = step("bounded", select(lt(x, real(-87)), real(-87), x));
    Expr shifted = step("shifted", fma(bounded, real(LOG2_E), real(magic)));
    Expr n = integer("n", min(bits(DType.I32, shifted), whole(most)));
    Expr turns = step("turns", sub(bits(DType.F32, n), real(magic)));
    Expr r = reduced(bounded, turns);
    Expr square = step("square", mul(r, r));
    Expr high = step("high", fma(real(EXP[0]), square, polynomial(EXP, 1, 3, r)));
    Expr tail = step("tail", fma(high, square, polynomial(EXP, 3, 5, r)));
    Expr e = step("e", fma(tail, square, r));
    Expr scale = step("scale", exponent(n));
    return mul(fma(e, scale, scale), real(2));
  }

  /// The number that has the low bits of `n` for its exponent.
  private static Expr exponent(Expr n) {
    return bits(DType.F32, new Expr.Apply(ScalarFn.SHL, List.of(n, whole(23))));
  }

  /// `2 * (2^(n-1) * expm1(r) + (2^(n-1) - 1/2))`, which is `expm1(r)` for small arguments.
  private Expr expm1() {
    Expr bounded = bounded(-30, 89);
    Expr shifted = step("shifted", fma(bounded, real(LOG2_E), real(MAGIC)));
    Expr r = reduced(bounded, step("turns", sub(shifted, real(MAGIC))));
    Expr tail = step("tail", polynomial(EXPM1, r));
    Expr e = step("e", fma(tail, mul(r, r), r));
    Expr n = integer("n", sub(bits(DType.I32, shifted), whole(MAGIC_BITS)));
    Expr scale = step("scale", power(sub(n, whole(1))));
    return mul(fma(scale, e, new Expr.Apply(ScalarFn.SUB, List.of(scale, real(0.5)))), real(2));
  }

  private Expr bounded(double least, double most) {
    return step("bounded", min(step("raised", max(x, real(least))), real(most)));
  }

  private Expr reduced(Expr bounded, Expr turns) {
    Expr near = step("near", fma(turns, real(-LN2_HIGH), bounded));
    return step("r", fma(turns, real(-LN2_LOW), near));
  }

  /// `e * ln 2 + log(m)` with the mantissa `m` between the roots of 1/2 and 2.
  private Expr log() {
    Expr tiny = lt(x, real(Float.MIN_NORMAL));
    Expr normal = step("normal", select(tiny, mul(x, real(0x1p23)), x));
    Expr offset = step("offset", select(tiny, real(-23), real(0)));
    Expr bits = integer("bits", bits(DType.I32, normal));
    long rootHalf = Float.floatToRawIntBits((float) Math.sqrt(0.5));
    Expr exponent =
        integer(
            "exponent",
            new Expr.Apply(ScalarFn.SHR, List.of(sub(bits, whole(rootHalf)), whole(23))));
    Expr mantissa = sub(bits, new Expr.Apply(ScalarFn.SHL, List.of(exponent, whole(23))));
    Expr f = step("f", sub(bits(DType.F32, mantissa), real(1)));
    Expr e = step("e", add(new Expr.Cast(DType.F32, exponent), offset));
    Expr square = step("square", mul(f, f));
    Expr cubic = step("cubic", mul(mul(polynomial(LOG, f), f), square));
    Expr low = step("low", fma(e, real(LN2_LOW), cubic));
    Expr sum = step("sum", add(f, fma(square, real(-0.5), low)));
    Expr finite = step("finite", fma(e, real(LN2_HIGH), sum));
    Expr large = select(lt(x, real(Double.POSITIVE_INFINITY)), finite, x);
    Expr zero = new Expr.Apply(ScalarFn.EQ, List.of(x, real(0)));
    Expr other = select(zero, real(Double.NEGATIVE_INFINITY), real(Double.NaN));
    return select(gt(x, real(0)), large, other);
  }

  /// `log(u) * x / (u - 1)` with `u = 1 + x` rounded: the quotient makes up for the rounding.
  /// Source: Kahan, in the HP-15C Advanced Functions Handbook.
  private Expr log1p() {
    Expr u = step("u", add(x, real(1)));
    Expr log = step("log", new Expr.Apply(ScalarFn.LOG, List.of(u)));
    Expr ratio = step("ratio", new Expr.Apply(ScalarFn.DIV, List.of(x, sub(u, real(1)))));
    Expr exact = new Expr.Apply(ScalarFn.EQ, List.of(u, real(1)));
    Expr near = step("near", select(exact, x, mul(log, ratio)));
    return select(lt(x, real(Double.POSITIVE_INFINITY)), near, x);
  }

  /// An odd function as a quotient of polynomials in the square, constant beyond `bound`.
  private Expr ratio(double bound, double[] over, double[] under) {
    Expr bounded = bounded(-bound, bound);
    Expr square = step("square", mul(bounded, bounded));
    // Scaled so that the quotient of the last coefficients is near 1: no product of a subnormal
    // argument loses bits.
    double scale = 1 / under[under.length - 1];
    Expr p = step("p", mul(polynomial(scaled(over, scale), square), bounded));
    Expr q = step("q", polynomial(scaled(under, scale), square));
    return new Expr.Apply(ScalarFn.DIV, List.of(p, q));
  }

  private Expr truncated() {
    return step("whole", new Expr.Cast(DType.F32, new Expr.Cast(DType.I32, x)));
  }

  private static Expr down(Expr whole, Expr x) {
    return select(gt(whole, x), sub(whole, real(1)), whole);
  }

  private static Expr up(Expr whole, Expr x) {
    return select(lt(whole, x), add(whole, real(1)), whole);
  }

  private Expr nearest() {
    Expr magnitude = new Expr.Apply(ScalarFn.ABS, List.of(x));
    return sub(add(magnitude, real(0x1p23)), real(0x1p23));
  }

  /// A rounded value with the sign of `x`, and `x` itself where it has no fraction bits.
  private Expr whole(Expr rounded) {
    Expr sign = and(bits(DType.I32, x), whole(0x80000000L));
    Expr magnitude = and(bits(DType.I32, rounded), whole(0x7fffffffL));
    Expr signed =
        step("signed", bits(DType.F32, new Expr.Apply(ScalarFn.OR, List.of(magnitude, sign))));
    Expr small = lt(new Expr.Apply(ScalarFn.ABS, List.of(x)), real(0x1p23));
    return select(small, signed, x);
  }

  /// `2^n` for an exponent of a normal number.
  private static Expr power(Expr n) {
    Expr biased = new Expr.Apply(ScalarFn.ADD, List.of(n, whole(127)));
    return bits(DType.F32, new Expr.Apply(ScalarFn.SHL, List.of(biased, whole(23))));
  }

  private static double[] scaled(double[] coefficients, double scale) {
    return Arrays.stream(coefficients).map(c -> c * scale).toArray();
  }

  private static Expr polynomial(double[] coefficients, Expr at) {
    return polynomial(coefficients, 0, coefficients.length, at);
  }

  /// The polynomial of some of the coefficients.
  private static Expr polynomial(double[] coefficients, int from, int to, Expr at) {
    Expr sum = real(coefficients[from]);
    for (int i = from + 1; i < to; i++) {
      sum = fma(sum, at, real(coefficients[i]));
    }
    return sum;
  }

  private Expr step(String name, Expr value) {
    return let(name, DType.F32, value);
  }

  private Expr integer(String name, Expr value) {
    return let(name, DType.I32, value);
  }

  private Expr let(String name, DType dtype, Expr value) {
    steps.add(new Statement.Let(name, new LoopKernel.Type(dtype, false), value));
    return new Expr.Local(name);
  }

  private static Expr real(double value) {
    return new Expr.Constant((Elem.Literal) Elem.literal(DType.F32, value));
  }

  private static Expr whole(long value) {
    return new Expr.Constant((Elem.Literal) Elem.literal(DType.I32, (long) (int) value));
  }

  private static Expr bits(DType dtype, Expr value) {
    return new Expr.Bits(dtype, value);
  }

  private static Expr fma(Expr a, Expr b, Expr c) {
    return new Expr.Apply(ScalarFn.FMA, List.of(a, b, c));
  }

  private static Expr mul(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.MUL, List.of(a, b));
  }

  private static Expr add(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.ADD, List.of(a, b));
  }

  private static Expr sub(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.SUB, List.of(a, b));
  }

  private static Expr and(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.AND, List.of(a, b));
  }

  private static Expr max(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.MAX, List.of(a, b));
  }

  private static Expr min(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.MIN, List.of(a, b));
  }

  private static Expr lt(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.LT, List.of(a, b));
  }

  private static Expr gt(Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.GT, List.of(a, b));
  }

  private static Expr select(Expr condition, Expr a, Expr b) {
    return new Expr.Apply(ScalarFn.SELECT, List.of(condition, a, b));
  }
}
