package dev.sinter.codegen.ptx;

import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.runtime.DType;

/// Functions of one `f32` as steps that IEEE 754 determines, so that the evaluator and a GPU agree
/// in every bit. None of the GPU's approximations is used.
///
/// Each is within 6 units in the last place of the true value, which a test checks. Infinities and
/// NaN come out as in [dev.sinter.ir.ScalarMath]; a subnormal result may be off by its last bit.
///
/// @param code where the steps go
record FloatMath(ThreadCode code) {
  private static final float LN2_HIGH = 0x1.62e4p-1f;
  private static final float LN2_LOW = (float) (Math.log(2) - 0x1.62e4p-1f);

  /// Whether [#of] knows `fn`.
  static boolean has(ScalarFn fn) {
    return switch (fn) {
      case EXP, EXPM1, LOG, LOG1P, TANH, ERF -> true;
      default -> false;
    };
  }

  /// The value of `fn` at `x`.
  Register of(ScalarFn fn, Register x) {
    return switch (fn) {
      case EXP -> exp(x);
      case EXPM1 -> expm1(x);
      case LOG -> log(x);
      case LOG1P -> log1p(x);
      case TANH -> tanh(x);
      case ERF -> erf(x);
      default -> throw new IllegalArgumentException(fn + " has no steps");
    };
  }

  private Register real(double value) {
    return code.constant((Elem.Literal) Elem.literal(DType.F32, value));
  }

  private Register bits(RegisterType type, Register x) {
    return code.define(new Expr.Bits(type, x));
  }

  private Register fma(Register a, Register b, Register c) {
    return code.apply(ScalarFn.FMA, a, b, c);
  }

  private Register select(Register condition, Register yes, Register no) {
    return code.apply(ScalarFn.SELECT, condition, yes, no);
  }

  /// `c[0] + x * (c[1] + x * ...)`.
  private Register polynomial(Register x, double... c) {
    Register sum = real(c[c.length - 1]);
    for (int i = c.length - 2; i >= 0; i--) {
      sum = fma(sum, x, real(c[i]));
    }
    return sum;
  }

  /// `2^n e^r` with `r` in `±ln(2)/2` by its Taylor polynomial, whose error is below 2^-27.
  private Register exp(Register x) {
    // Beyond these the result is 0 or infinite all the same; NaN passes through.
    Register most = code.apply(ScalarFn.MIN, x, real(89));
    Register in = code.apply(ScalarFn.MAX, most, real(-105));
    Register n = code.apply(ScalarFn.ROUND, code.apply(ScalarFn.MUL, in, real(1 / Math.log(2))));
    Register r = fma(n, real(-LN2_LOW), fma(n, real(-LN2_HIGH), in));
    Register y = polynomial(r, 1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040);
    // In two factors, as 2^n alone need not be a normal number.
    Register whole = code.cast(RegisterType.I32, n);
    Register half = code.apply(ScalarFn.SHR, whole, code.integer(1));
    Register rest = code.apply(ScalarFn.SUB, whole, half);
    return code.apply(ScalarFn.MUL, code.apply(ScalarFn.MUL, y, power(half)), power(rest));
  }

  /// `2^n`, for `n` that is an exponent of a normal number.
  private Register power(Register n) {
    Register biased = code.apply(ScalarFn.ADD, n, code.integer(127));
    return bits(RegisterType.F32, code.apply(ScalarFn.SHL, biased, code.integer(23)));
  }

  /// Near 0 by the Taylor polynomial, else from the exponential.
  private Register expm1(Register x) {
    Register tail =
        polynomial(
            x,
            1.0 / 2,
            1.0 / 6,
            1.0 / 24,
            1.0 / 120,
            1.0 / 720,
            1.0 / 5040,
            1.0 / 40320,
            1.0 / 362880);
    Register near = fma(code.apply(ScalarFn.MUL, x, x), tail, x);
    Register far = code.apply(ScalarFn.SUB, exp(x), real(1));
    Register small = code.apply(ScalarFn.LT, code.apply(ScalarFn.ABS, x), real(0.5));
    return select(small, near, far);
  }

  /// `e ln(2) + 2 artanh(s)` with `s = (m - 1) / (m + 1)`, `m` in `sqrt(1/2) .. sqrt(2)`.
  private Register log(Register x) {
    Register tiny = code.apply(ScalarFn.LT, x, real(0x1p-126));
    Register scaled = select(tiny, code.apply(ScalarFn.MUL, x, real(0x1p24)), x);
    // The bits of sqrt(1/2), taken off before the exponent is read, put m into its range.
    Register offset =
        code.apply(ScalarFn.SUB, bits(RegisterType.I32, scaled), code.integer(0x3f3504f3));
    Register exponent = code.apply(ScalarFn.SHR, offset, code.integer(23));
    Register mantissa = code.apply(ScalarFn.AND, offset, code.integer(0x7fffff));
    Register m =
        bits(RegisterType.F32, code.apply(ScalarFn.ADD, mantissa, code.integer(0x3f3504f3)));
    Register e =
        code.apply(
            ScalarFn.SUB, code.cast(RegisterType.F32, exponent), select(tiny, real(24), real(0)));
    Register f = code.apply(ScalarFn.SUB, m, real(1));
    Register s = code.apply(ScalarFn.DIV, f, code.apply(ScalarFn.ADD, m, real(1)));
    Register s2 = code.apply(ScalarFn.MUL, s, s);
    Register series = polynomial(s2, 2.0 / 3, 2.0 / 5, 2.0 / 7, 2.0 / 9, 2.0 / 11);
    // 2 s = f - s f: f is exact, so that the quotient's rounding weighs little.
    Register correction =
        code.apply(
            ScalarFn.MUL, s, code.apply(ScalarFn.SUB, code.apply(ScalarFn.MUL, s2, series), f));
    Register low = fma(e, real(LN2_LOW), correction);
    Register y = fma(e, real(LN2_HIGH), code.apply(ScalarFn.ADD, f, low));
    Register infinite = code.apply(ScalarFn.EQ, x, real(Double.POSITIVE_INFINITY));
    Register zero = code.apply(ScalarFn.EQ, x, real(0));
    Register fit = code.apply(ScalarFn.GE, x, real(0));
    Register known = select(infinite, x, select(zero, real(Double.NEGATIVE_INFINITY), y));
    return select(fit, known, real(Double.NaN));
  }

  /// `log(u) x / (u - 1)` with `u = 1 + x` as rounded: the quotient makes up for the rounding.
  /// Source: Goldberg, What Every Computer Scientist Should Know About Floating-Point (1991).
  private Register log1p(Register x) {
    Register u = code.apply(ScalarFn.ADD, x, real(1));
    Register one = code.apply(ScalarFn.EQ, u, real(1));
    Register infinite = code.apply(ScalarFn.EQ, u, real(Double.POSITIVE_INFINITY));
    Register excess = select(one, real(1), code.apply(ScalarFn.SUB, u, real(1)));
    Register ratio = code.apply(ScalarFn.DIV, x, excess);
    Register y = code.apply(ScalarFn.MUL, log(u), ratio);
    return select(one, x, select(infinite, u, y));
  }

  /// `d / (d + 2)` with `d = e^(2|x|) - 1`, and the sign of `x`.
  private Register tanh(Register x) {
    // tanh(10) is 1 in f32; NaN passes through.
    Register size = code.apply(ScalarFn.MIN, code.apply(ScalarFn.ABS, x), real(10));
    Register d = expm1(code.apply(ScalarFn.ADD, size, size));
    Register y = code.apply(ScalarFn.DIV, d, code.apply(ScalarFn.ADD, d, real(2)));
    return signed(y, x);
  }

  private Register signed(Register size, Register like) {
    Register sign =
        code.apply(ScalarFn.AND, bits(RegisterType.I32, like), code.integer(Integer.MIN_VALUE));
    return bits(RegisterType.F32, code.apply(ScalarFn.OR, bits(RegisterType.I32, size), sign));
  }

  /// Below 1 by the Taylor series; from 1 to 4 by `1 - e^(-x^2) p(1/x)`, where `p` is a Chebyshev
  /// fit of degree 8 with a relative error of 7.9e-8, which is 1.2e-8 of the result; then 1.
  private Register erf(Register x) {
    double[] series = new double[12];
    double factorial = 1;
    for (int n = 0; n < series.length; n++) {
      factorial *= n == 0 ? 1 : -n;
      series[n] = 2 / Math.sqrt(Math.PI) / (factorial * (2 * n + 1));
    }
    Register x2 = code.apply(ScalarFn.MUL, x, x);
    Register near = code.apply(ScalarFn.MUL, x, polynomial(x2, series));
    Register size =
        code.apply(
            ScalarFn.MIN, code.apply(ScalarFn.MAX, code.apply(ScalarFn.ABS, x), real(1)), real(4));
    Register inverse = code.apply(ScalarFn.DIV, real(1), size);
    Register s = fma(inverse, real(1 / 0.375), real(-5.0 / 3));
    Register fit =
        polynomial(
            s,
            0.30595297949240846,
            0.14335628396877398,
            -0.024242541419651598,
            0.0023097803375952755,
            0.00045847644705238494,
            -0.00035449560886162716,
            0.00012653739827294156,
            -1.9525465378225912e-05,
            -3.940291784363523e-06);
    Register square = code.apply(ScalarFn.MUL, size, code.apply(ScalarFn.NEG, size));
    Register rest = code.apply(ScalarFn.MUL, exp(square), fit);
    Register far = signed(code.apply(ScalarFn.SUB, real(1), rest), x);
    Register small = code.apply(ScalarFn.LT, code.apply(ScalarFn.ABS, x), real(1));
    return select(code.apply(ScalarFn.IS_NAN, x), x, select(small, near, far));
  }
}
