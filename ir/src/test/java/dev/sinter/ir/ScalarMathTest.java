package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.runtime.DType;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

class ScalarMathTest {
  private static final double INF = Double.POSITIVE_INFINITY;

  /// Known answers from the authors' Random123 distribution, file `kat_vectors`.
  @Test
  void threefryGivesTheKnownAnswers() {
    assertThat(ScalarMath.threefry(0, 0, 0, 0)).isEqualTo(0x6b20015999ba4efeL);
    assertThat(ScalarMath.threefry(-1, -1, -1, -1)).isEqualTo(0x1cb996fcbb002be7L);
    assertThat(ScalarMath.threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))
        .isEqualTo(0xc4923a9c483df7a0L);
    assertThat(ScalarMath.apply(ScalarFn.THREEFRY, DType.U32, 0L, 0L, 0L, 0L))
        .isEqualTo(0x6b200159L);
    assertThat(ScalarMath.apply(ScalarFn.THREEFRY, DType.U32, 0L, 0L, 0L, 1L)).isPositive();
  }

  @Test
  void errorFunctionAgreesWithItsSeriesInManyDigits() {
    for (double x = -6.5; x <= 6.5; x += 0.0625) {
      assertThat(ScalarMath.apply(ScalarFn.ERF, DType.F64, x))
          .isCloseTo(erf(x), within(8 * Math.ulp(Math.min(1, Math.abs(x) + 1e-3))));
    }
    assertThat(ScalarMath.apply(ScalarFn.ERF, DType.F64, INF)).isEqualTo(1);
    assertThat(ScalarMath.apply(ScalarFn.ERF, DType.F64, Double.NaN)).isNaN();
  }

  /// The Taylor series at 0, in 60 digits.
  private static double erf(double x) {
    MathContext digits = new MathContext(60);
    BigDecimal square = new BigDecimal(x).multiply(new BigDecimal(x), digits);
    BigDecimal power = new BigDecimal(x);
    BigDecimal sum = power;
    for (int n = 1; n < 250; n++) {
      power = power.multiply(square, digits).divide(BigDecimal.valueOf(-n), digits);
      sum = sum.add(power.divide(BigDecimal.valueOf(2L * n + 1), digits), digits);
    }
    return sum.doubleValue() * 2 / Math.sqrt(Math.PI);
  }

  @Test
  void integersWrapAndDivideByZeroToZero() {
    assertThat(ScalarMath.apply(ScalarFn.ADD, DType.I8, 127L, 1L)).isEqualTo(-128);
    assertThat(ScalarMath.apply(ScalarFn.NEG, DType.U8, 1L)).isEqualTo(255);
    assertThat(ScalarMath.apply(ScalarFn.DIV, DType.I32, 7L, 0L)).isZero();
    assertThat(ScalarMath.apply(ScalarFn.REM, DType.I32, 7L, 0L)).isZero();
    assertThat(ScalarMath.apply(ScalarFn.DIV, DType.I32, -7L, 2L)).isEqualTo(-3);
    assertThat(ScalarMath.apply(ScalarFn.REM, DType.I32, -7L, 2L)).isEqualTo(1);
    assertThat(ScalarMath.apply(ScalarFn.DIV, DType.I32, (long) Integer.MIN_VALUE, -1L))
        .isEqualTo(Integer.MIN_VALUE);
    assertThat(ScalarMath.apply(ScalarFn.DIV, DType.U64, -1L, 2L)).isEqualTo(Long.MAX_VALUE);
    assertThat(ScalarMath.apply(ScalarFn.LT, DType.U64, 1L, -1L)).isEqualTo(1);
    assertThat(ScalarMath.apply(ScalarFn.SHR, DType.I8, -128L, 1L)).isEqualTo(-64);
    assertThat(ScalarMath.apply(ScalarFn.SHR, DType.U64, -1L, 63L)).isEqualTo(1);
    assertThat(ScalarMath.apply(ScalarFn.POW, DType.I32, 3L, 4L)).isEqualTo(81);
    assertThat(ScalarMath.apply(ScalarFn.POW, DType.I32, -1L, -3L)).isEqualTo(-1);
    assertThat(ScalarMath.apply(ScalarFn.NOT, DType.BOOL, 1L)).isZero();
    assertThat(ScalarMath.apply(ScalarFn.NOT, DType.I32, 0L)).isEqualTo(-1);
  }

  @Test
  void floatsFollowTheStandard() {
    assertThat(ScalarMath.apply(ScalarFn.MAX, DType.F32, 1.0, Double.NaN)).isNaN();
    assertThat(ScalarMath.apply(ScalarFn.MIN, DType.F32, Double.NaN, 1.0)).isNaN();
    assertThat(ScalarMath.apply(ScalarFn.EQ, DType.F32, Double.NaN, Double.NaN)).isZero();
    assertThat(ScalarMath.apply(ScalarFn.NE, DType.F32, Double.NaN, Double.NaN)).isEqualTo(1);
    assertThat(ScalarMath.apply(ScalarFn.DIV, DType.F32, 1.0, 0.0)).isEqualTo(INF);
    assertThat(ScalarMath.apply(ScalarFn.ROUND, DType.F32, 2.5)).isEqualTo(2);
    assertThat(ScalarMath.apply(ScalarFn.TRUNC, DType.F32, -2.5)).isEqualTo(-2);
    assertThat(ScalarMath.apply(ScalarFn.REM, DType.F32, -1.0, 3.0)).isEqualTo(2);
    assertThat(ScalarMath.apply(ScalarFn.REM, DType.F32, 1.0, 0.0)).isNaN();
    assertThat(ScalarMath.apply(ScalarFn.SQRT, DType.F32, -1.0)).isNaN();
    assertThat(ScalarMath.apply(ScalarFn.IS_NAN, DType.F32, Double.NaN)).isEqualTo(1);
    assertThat(ScalarMath.apply(ScalarFn.FMA, DType.F64, 0x1.0000001p0, 0x1.0000001p0, -1.0))
        .isEqualTo(0x1.00000008p-27);
    assertThatThrownBy(() -> ScalarMath.apply(ScalarFn.SHL, DType.F32, 1.0, 1.0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void convertsBetweenFloatsAndIntegers() {
    assertThat(ScalarMath.toInteger(-1.9, DType.I32)).isEqualTo(-1);
    assertThat(ScalarMath.toInteger(300, DType.U8)).isEqualTo(255);
    assertThat(ScalarMath.toInteger(Double.NaN, DType.I32)).isZero();
    assertThat(ScalarMath.toInteger(Double.NaN, DType.U64)).isZero();
    assertThat(ScalarMath.toInteger(0x1p63, DType.U64)).isEqualTo(Long.MIN_VALUE);
    assertThat(ScalarMath.toInteger(0x1p63 + 0x1p12, DType.U64)).isEqualTo(Long.MIN_VALUE + 4096);
    assertThat(ScalarMath.toInteger(1e30, DType.U64)).isEqualTo(-1);
    assertThat(ScalarMath.toInteger(1e30, DType.I64)).isEqualTo(Long.MAX_VALUE);
    assertThat(ScalarMath.toInteger(0.5, DType.BOOL)).isEqualTo(1);
    assertThat(ScalarMath.toReal(-1, DType.U64)).isEqualTo(0x1p64);
    assertThat(ScalarMath.toReal(-1, DType.I64, DType.F32)).isEqualTo(-1);
    // Halfway between two floats but for the last bit, which the nearest double loses.
    long halfway = (1L << 60) + (1L << 36);
    assertThat(ScalarMath.toReal(halfway + 1, DType.I64, DType.F32)).isEqualTo(0x1.000002p60);
    assertThat(ScalarMath.toReal(-halfway - 1, DType.I64, DType.F32)).isEqualTo(-0x1.000002p60);
    assertThat(ScalarMath.toReal(halfway, DType.I64, DType.F32)).isEqualTo(0x1p60);
  }
}
