package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Locale;

/// The functions of numbers that kernels are made of: the vocabulary that the interpreter and every
/// target implement. Each op on tensors that works element by element is a formula over these
/// ([Pointwise]).
///
/// Floats follow IEEE 754; [#MAX] and [#MIN] answer NaN if either argument is NaN. Integer
/// arithmetic wraps; integer [#DIV] truncates and [#REM] takes the sign of the divisor (floor),
/// both answer 0 for a divisor of 0.
public enum ScalarFn {
  ADD(2, Signature.SAME),
  SUB(2, Signature.SAME),
  MUL(2, Signature.SAME),
  DIV(2, Signature.SAME),
  REM(2, Signature.SAME),
  POW(2, Signature.SAME),
  MAX(2, Signature.SAME),
  MIN(2, Signature.SAME),
  ATAN2(2, Signature.SAME),
  /// `a * b + c` with one rounding, for floats.
  FMA(3, Signature.SAME),
  NEG(1, Signature.SAME),
  ABS(1, Signature.SAME),
  SIGN(1, Signature.SAME),
  FLOOR(1, Signature.SAME),
  CEIL(1, Signature.SAME),
  /// To the nearest integer, ties to even.
  ROUND(1, Signature.SAME),
  TRUNC(1, Signature.SAME),
  SQRT(1, Signature.SAME),
  EXP(1, Signature.SAME),
  EXPM1(1, Signature.SAME),
  LOG(1, Signature.SAME),
  LOG1P(1, Signature.SAME),
  SIN(1, Signature.SAME),
  COS(1, Signature.SAME),
  TAN(1, Signature.SAME),
  ASIN(1, Signature.SAME),
  ACOS(1, Signature.SAME),
  ATAN(1, Signature.SAME),
  TANH(1, Signature.SAME),
  ERF(1, Signature.SAME),
  EQ(2, Signature.COMPARE),
  NE(2, Signature.COMPARE),
  LT(2, Signature.COMPARE),
  LE(2, Signature.COMPARE),
  IS_NAN(1, Signature.COMPARE),
  GT(2, Signature.COMPARE),
  GE(2, Signature.COMPARE),
  /// Of bools: logical; of integers: bitwise.
  AND(2, Signature.SAME),
  OR(2, Signature.SAME),
  XOR(2, Signature.SAME),
  NOT(1, Signature.SAME),
  /// Shifts of integers by the second argument, which is below the type's width.
  SHL(2, Signature.SAME),
  /// A logical shift for unsigned types, an arithmetic one for signed.
  SHR(2, Signature.SAME),
  /// `SELECT(c, a, b)` is `a` where the bool `c` holds, else `b`; the other side is not evaluated.
  SELECT(3, Signature.SELECT),
  /// The first word of Threefry-2x32 (20 rounds): `(key0, key1, counter0, counter1)` of `u32`.
  /// Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011).
  THREEFRY(4, Signature.SAME);

  private enum Signature {
    SAME,
    COMPARE,
    SELECT
  }

  private final int arity;
  private final Signature signature;

  ScalarFn(int arity, Signature signature) {
    this.arity = arity;
    this.signature = signature;
  }

  /// The number of arguments.
  public int arity() {
    return arity;
  }

  /// The result's type for arguments of the types given.
  ///
  /// @throws IllegalArgumentException if the types do not fit
  public DType result(List<DType> args) {
    DType type = signature == Signature.SELECT ? args.get(1) : args.get(0);
    boolean fits =
        switch (signature) {
          case SAME, COMPARE -> args.stream().allMatch(type::equals);
          case SELECT -> args.get(0) == DType.BOOL && args.get(2) == type;
        };
    if (!fits) {
      throw new IllegalArgumentException(this + " does not take " + args);
    }
    return signature == Signature.COMPARE ? DType.BOOL : type;
  }

  /// The text form, in small letters.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
