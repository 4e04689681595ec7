package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Single elements of any dtype in memory: element `index` of those that begin at byte `at`.
final class Elements {
  private Elements() {}

  /// An element as a `double`; a 64-bit integer is rounded to the nearest.
  static double getDouble(DType dtype, MemorySegment from, long at, long index) {
    return switch (dtype) {
      case F16 -> Float.float16ToFloat(from.get(Layouts.I16, at + index * 2));
      case BF16 -> NarrowFloats.fromBfloat16(from.get(Layouts.I16, at + index * 2));
      case F32 -> from.get(Layouts.F32, at + index * 4);
      case F64 -> from.get(Layouts.F64, at + index * 8);
      case U64 -> NarrowFloats.unsignedToDouble(from.get(Layouts.I64, at + index * 8));
      case I4, I8, I16, I32, I64, U4, U8, U16, U32, BOOL ->
          (double) getLong(dtype, from, at, index);
    };
  }

  /// An element as a `long`; a `u64` as its bits; a float without its fraction, saturated, NaN as
  /// 0.
  static long getLong(DType dtype, MemorySegment from, long at, long index) {
    return switch (dtype) {
      case F16, BF16, F32, F64 -> (long) getDouble(dtype, from, at, index);
      case I4, U4 -> {
        int pair = from.get(ValueLayout.JAVA_BYTE, at + (index >>> 1));
        yield dtype.wrap((index & 1) == 0 ? pair : pair >> 4);
      }
      case I8, U8, BOOL -> dtype.wrap(from.get(ValueLayout.JAVA_BYTE, at + index));
      case I16, U16 -> dtype.wrap(from.get(Layouts.I16, at + index * 2));
      case I32, U32 -> dtype.wrap(from.get(Layouts.I32, at + index * 4));
      case I64, U64 -> from.get(Layouts.I64, at + index * 8);
    };
  }

  /// Stores the value nearest to `value`, as [DType#round(double)] says.
  static void setDouble(DType dtype, MemorySegment to, long at, long index, double value) {
    switch (dtype) {
      case F16 -> to.set(Layouts.I16, at + index * 2, NarrowFloats.float16(value));
      case BF16 -> to.set(Layouts.I16, at + index * 2, NarrowFloats.bfloat16(value));
      case F32 -> to.set(Layouts.F32, at + index * 4, (float) value);
      case F64 -> to.set(Layouts.F64, at + index * 8, value);
      case I4, I8, I16, I32, I64, U4, U8, U16, U32, U64, BOOL ->
          setLong(dtype, to, at, index, dtype.saturate(value));
    }
  }

  /// Stores the low bits of `value` in an integer, 1 for all but zero in a `bool`, the nearest
  /// value in a float.
  static void setLong(DType dtype, MemorySegment to, long at, long index, long value) {
    switch (dtype) {
      case F16, BF16 -> setDouble(dtype, to, at, index, NarrowFloats.longToOdd(value));
      case F32 -> to.set(Layouts.F32, at + index * 4, (float) value);
      case F64 -> to.set(Layouts.F64, at + index * 8, (double) value);
      case I4, U4 -> {
        int pair = to.get(ValueLayout.JAVA_BYTE, at + (index >>> 1));
        long nibble = value & 0xf;
        long merged = (index & 1) == 0 ? (pair & 0xf0) | nibble : (pair & 0x0f) | (nibble << 4);
        to.set(ValueLayout.JAVA_BYTE, at + (index >>> 1), (byte) merged);
      }
      case I8, U8 -> to.set(ValueLayout.JAVA_BYTE, at + index, (byte) value);
      case BOOL -> to.set(ValueLayout.JAVA_BYTE, at + index, (byte) (value != 0 ? 1 : 0));
      case I16, U16 -> to.set(Layouts.I16, at + index * 2, (short) value);
      case I32, U32 -> to.set(Layouts.I32, at + index * 4, (int) value);
      case I64, U64 -> to.set(Layouts.I64, at + index * 8, value);
    }
  }
}
