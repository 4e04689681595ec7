package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DTypeTest {
  @ParameterizedTest
  @EnumSource(DType.class)
  void isFoundByEachOfItsNames(DType dtype) {
    assertThat(DType.parse(dtype.text())).contains(dtype);
    assertThat(DType.ofSafetensorsName(dtype.safetensorsName())).contains(dtype);
    dtype.npyCode().ifPresent(code -> assertThat(DType.ofNpyCode(code)).contains(dtype));
    assertThat(dtype.text()).isEqualTo(dtype.name().toLowerCase(java.util.Locale.ROOT));
    assertThat(dtype.compute().bits()).isGreaterThanOrEqualTo(dtype.bits());
  }

  @Test
  void isNotFoundByAnyOtherName() {
    assertThat(DType.parse("float")).isEmpty();
    assertThat(DType.parse("F32")).isEmpty();
    assertThat(DType.ofSafetensorsName("f32")).isEmpty();
    assertThat(DType.ofNpyCode("")).isEmpty();
  }

  @Test
  void countsBytesAndRefusesTooMany() {
    assertThat(DType.I4.bytes(3)).isEqualTo(2);
    assertThat(DType.U4.bytes(0)).isZero();
    assertThat(DType.F64.bytes(10)).isEqualTo(80);
    assertThatThrownBy(() -> DType.F64.bytes(Shapes.MAX_BYTES)).isInstanceOf(ShapeException.class);
    assertThatThrownBy(() -> DType.F32.bytes(-1)).isInstanceOf(ShapeException.class);
  }

  @Test
  void saturatesDoublesAndWrapsLongs() {
    assertThat(DType.I8.round(200)).isEqualTo(127);
    assertThat(DType.I8.round(-1e30)).isEqualTo(-128);
    assertThat(DType.I8.round(-3.9)).isEqualTo(-3);
    assertThat(DType.U8.round(-1)).isEqualTo(0);
    assertThat(DType.U32.round(1e30)).isEqualTo(4294967295.0);
    assertThat(DType.U64.round(1e30)).isEqualTo(0x1p64);
    assertThat(DType.U64.round(0x1p63)).isEqualTo(0x1p63);
    assertThat(DType.I64.round(Double.NaN)).isZero();
    assertThat(DType.I4.round(9)).isEqualTo(7);
    assertThat(DType.BOOL.round(0.25)).isEqualTo(1);
    assertThat(DType.I8.wrap(200)).isEqualTo(-56);
    assertThat(DType.U8.wrap(-1)).isEqualTo(255);
    assertThat(DType.I4.wrap(9)).isEqualTo(-7);
    assertThat(DType.U4.wrap(17)).isEqualTo(1);
    assertThat(DType.U64.wrap(-1)).isEqualTo(-1);
  }

  @Test
  void roundsSpecialFloats() {
    for (DType dtype : new DType[] {DType.F16, DType.BF16, DType.F32}) {
      assertThat(dtype.round(Double.NaN)).isNaN();
      assertThat(dtype.round(Double.NEGATIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(dtype.round(1e300)).isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(dtype.round(-0.0)).isEqualTo(-0.0);
      assertThat(dtype.round(1e-300)).isEqualTo(0.0);
    }
    assertThat(DType.F16.round(65519.999)).isEqualTo(65504);
    assertThat(DType.F16.round(65520)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(NarrowFloats.fromBfloat16(NarrowFloats.bfloat16(Float.intBitsToFloat(0x7f800001))))
        .isNaN();
  }

  /// A value a hair above a tie: rounding to f32 first would land on the tie and go down.
  @Test
  void roundsOnceAndNotTwice() {
    assertThat(DType.F16.round(1 + 0x1p-11 + 0x1p-40)).isEqualTo(1 + 0x1p-10);
    assertThat(DType.BF16.round(1 + 0x1p-8 + 0x1p-40)).isEqualTo(1 + 0x1p-7);
    assertThat(DType.F16.round(1 + 0x1p-11)).isEqualTo(1);
    assertThat(DType.BF16.round(0x1p-133 * 1.5)).isEqualTo(0x1p-132);
  }

  @Test
  void roundsEveryNarrowFloatToItsNearest() {
    Random random = new Random(1);
    for (int i = 0; i < 5_000; i++) {
      double value = Math.scalb(random.nextDouble() - 0.5, random.nextInt(-26, 16));
      assertThat(DType.F16.round(value)).isEqualTo(nearest(value, 11, -24));
      double wide = Math.scalb(random.nextDouble() - 0.5, random.nextInt(-136, 120));
      assertThat(DType.BF16.round(wide)).isEqualTo(nearest(wide, 8, -133));
    }
  }

  @Test
  void roundsLongsToTheNearestFloat() {
    Random random = new Random(2);
    Tensor bf16 = Tensor.zeros(DType.BF16, 1);
    Tensor f32 = Tensor.zeros(DType.F32, 1);
    for (int i = 0; i < 5_000; i++) {
      long value = random.nextLong() >> random.nextInt(63);
      if (i % 2 == 0) {
        value = (value & -1L << 50) + random.nextInt(-1, 2);
      }
      bf16.setLong(0, value);
      f32.setLong(0, value);
      assertThat(bf16.getDouble(0)).isEqualTo(nearest(new BigDecimal(value), 8, -133));
      assertThat(f32.getDouble(0)).isEqualTo(nearest(new BigDecimal(value), 24, -149));
    }
    assertThat(NarrowFloats.longToOdd(Long.MAX_VALUE)).isLessThan(0x1p63);
  }

  @Test
  void convertsUnsignedLongs() {
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      long bits = random.nextLong();
      double expected = new BigInteger(Long.toUnsignedString(bits)).doubleValue();
      assertThat(NarrowFloats.unsignedToDouble(bits)).isEqualTo(expected);
      if (expected < 0x1p64) {
        assertThat(new BigInteger(Long.toUnsignedString(NarrowFloats.doubleToUnsigned(expected))))
            .isEqualTo(new BigDecimal(expected).toBigInteger());
      }
    }
  }

  private static double nearest(double value, int digits, int smallest) {
    return nearest(new BigDecimal(value), digits, smallest);
  }

  /// The nearest number of `digits` significant bits that is a multiple of 2^smallest, in exact
  /// arithmetic.
  private static double nearest(BigDecimal value, int digits, int smallest) {
    if (value.signum() == 0) {
      return 0;
    }
    int exponent = Math.getExponent(value.doubleValue());
    if (new BigDecimal(Math.scalb(1.0, exponent)).compareTo(value.abs()) > 0) {
      exponent--;
    }
    double unit = Math.scalb(1.0, Math.max(exponent - digits + 1, smallest));
    return value.divide(new BigDecimal(unit)).setScale(0, RoundingMode.HALF_EVEN).doubleValue()
        * unit;
  }
}
