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
  ADD(2, Signature.SAME, Domain.NUMBERS),
  SUB(2, Signature.SAME, Domain.NUMBERS),
  MUL(2, Signature.SAME, Domain.NUMBERS),
  DIV(2, Signature.SAME, Domain.NUMBERS),
  REM(2, Signature.SAME, Domain.NUMBERS),
  POW(2, Signature.SAME, Domain.NUMBERS),
  MAX(2, Signature.SAME, Domain.NUMBERS),
  MIN(2, Signature.SAME, Domain.NUMBERS),
  ATAN2(2, Signature.SAME, Domain.FLOATS),
  /// `a * b + c` with one rounding, for floats.
  FMA(3, Signature.SAME, Domain.NUMBERS),
  NEG(1, Signature.SAME, Domain.NUMBERS),
  ABS(1, Signature.SAME, Domain.NUMBERS),
  SIGN(1, Signature.SAME, Domain.NUMBERS),
  FLOOR(1, Signature.SAME, Domain.NUMBERS),
  CEIL(1, Signature.SAME, Domain.NUMBERS),
  /// To the nearest integer, ties to even.
  ROUND(1, Signature.SAME, Domain.NUMBERS),
  TRUNC(1, Signature.SAME, Domain.NUMBERS),
  SQRT(1, Signature.SAME, Domain.FLOATS),
  EXP(1, Signature.SAME, Domain.FLOATS),
  EXPM1(1, Signature.SAME, Domain.FLOATS),
  LOG(1, Signature.SAME, Domain.FLOATS),
  LOG1P(1, Signature.SAME, Domain.FLOATS),
  SIN(1, Signature.SAME, Domain.FLOATS),
  COS(1, Signature.SAME, Domain.FLOATS),
  TAN(1, Signature.SAME, Domain.FLOATS),
  ASIN(1, Signature.SAME, Domain.FLOATS),
  ACOS(1, Signature.SAME, Domain.FLOATS),
  ATAN(1, Signature.SAME, Domain.FLOATS),
  TANH(1, Signature.SAME, Domain.FLOATS),
  ERF(1, Signature.SAME, Domain.FLOATS),
  EQ(2, Signature.COMPARE, Domain.ALL),
  NE(2, Signature.COMPARE, Domain.ALL),
  LT(2, Signature.COMPARE, Domain.NUMBERS),
  LE(2, Signature.COMPARE, Domain.NUMBERS),
  IS_NAN(1, Signature.COMPARE, Domain.FLOATS),
  GT(2, Signature.COMPARE, Domain.NUMBERS),
  GE(2, Signature.COMPARE, Domain.NUMBERS),
  /// Of bools: logical; of integers: bitwise.
  AND(2, Signature.SAME, Domain.INTEGERS_AND_BOOLS),
  OR(2, Signature.SAME, Domain.INTEGERS_AND_BOOLS),
  XOR(2, Signature.SAME, Domain.INTEGERS_AND_BOOLS),
  NOT(1, Signature.SAME, Domain.INTEGERS_AND_BOOLS),
  /// Shifts of integers by the second argument, which is below the type's width.
  SHL(2, Signature.SAME, Domain.INTEGERS),
  /// A logical shift for unsigned types, an arithmetic one for signed.
  SHR(2, Signature.SAME, Domain.INTEGERS),
  /// `SELECT(c, a, b)` is `a` where the bool `c` holds, else `b`; the other side is not evaluated.
  SELECT(3, Signature.SELECT, Domain.ALL),
  /// The first word of Threefry-2x32 (20 rounds): `(key0, key1, counter0, counter1)` of `u32`.
  /// Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3 (SC 2011).
  THREEFRY(4, Signature.SAME, Domain.U32);

  private enum Signature {
    SAME,
    COMPARE,
    SELECT
  }

  /// The types that a function has a meaning for.
  private enum Domain {
    ALL,
    NUMBERS,
    FLOATS,
    INTEGERS,
    INTEGERS_AND_BOOLS,
    U32;

    boolean holds(DType dtype) {
      return switch (this) {
        case ALL -> true;
        case NUMBERS -> dtype != DType.BOOL;
        case FLOATS -> dtype.isFloat();
        case INTEGERS -> dtype.isInteger();
        case INTEGERS_AND_BOOLS -> dtype.isInteger() || dtype == DType.BOOL;
        case U32 -> dtype == DType.U32;
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private final int arity;
  private final Signature signature;
  private final Domain domain;

  ScalarFn(int arity, Signature signature, Domain domain) {
    this.arity = arity;
    this.signature = signature;
    this.domain = domain;
  }

  /// The number of arguments.
  public int arity() {
    return arity;
  }

  /// Whether the function has a meaning for arguments of type `dtype`; of a select, for sides of
  /// it.
  public boolean takes(DType dtype) {
    return domain.holds(dtype);
  }

  /// The result's type for arguments of the types given.
  ///
  /// @throws IllegalArgumentException if the types do not fit, in words
  public DType result(List<DType> args) {
    DType type = signature == Signature.SELECT ? args.get(1) : args.get(0);
    boolean fits =
        switch (signature) {
          case SAME, COMPARE -> args.stream().allMatch(type::equals);
          case SELECT -> args.get(0) == DType.BOOL && args.get(2) == type;
        };
    if (!fits) {
      throw new IllegalArgumentException(
          this
              + (signature == Signature.SELECT
                  ? " takes a bool and two of one type"
                  : " takes arguments of one type")
              + ", not "
              + args);
    }
    if (!takes(type)) {
      throw new IllegalArgumentException(this + " takes " + domain + ", not " + type);
    }
    return signature == Signature.COMPARE ? DType.BOOL : type;
  }

  /// The text form, in small letters.
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
