package dev.sinter.runtime;

import java.util.Optional;

/// The type of a tensor's elements: one row for each dtype, in one table.
///
/// *Storage* is what lies in memory: little endian, `i4` and `u4` two to a byte with the first in
/// the low half, `bool` a byte of 0 or 1. *Compute* is the type in which a kernel works on it; a
/// result goes back to storage by [#round(double)] or [#wrap(long)].
public enum DType {
  F16("f16", Kind.FLOAT, 16, "F16", "f2"),
  BF16("bf16", Kind.FLOAT, 16, "BF16", ""),
  F32("f32", Kind.FLOAT, 32, "F32", "f4"),
  F64("f64", Kind.FLOAT, 64, "F64", "f8"),
  I4("i4", Kind.SIGNED, 4, "I4", ""),
  I8("i8", Kind.SIGNED, 8, "I8", "i1"),
  I16("i16", Kind.SIGNED, 16, "I16", "i2"),
  I32("i32", Kind.SIGNED, 32, "I32", "i4"),
  I64("i64", Kind.SIGNED, 64, "I64", "i8"),
  U4("u4", Kind.UNSIGNED, 4, "U4", ""),
  U8("u8", Kind.UNSIGNED, 8, "U8", "u1"),
  U16("u16", Kind.UNSIGNED, 16, "U16", "u2"),
  U32("u32", Kind.UNSIGNED, 32, "U32", "u4"),
  U64("u64", Kind.UNSIGNED, 64, "U64", "u8"),
  BOOL("bool", Kind.BOOL, 8, "BOOL", "b1");

  /// What the bits mean.
  public enum Kind {
    /// IEEE 754 binary, or bfloat16.
    FLOAT,
    /// Two's complement.
    SIGNED,
    /// No sign; in Java's `long` a `u64` is its 64 bits.
    UNSIGNED,
    /// 0 or 1.
    BOOL
  }

  private final String text;
  private final Kind kind;
  private final int bits;
  private final String safetensors;
  private final String npy;

  DType(String text, Kind kind, int bits, String safetensors, String npy) {
    this.text = text;
    this.kind = kind;
    this.bits = bits;
    this.safetensors = safetensors;
    this.npy = npy;
  }

  /// The dtype of this name in Sinter's texts, such as `f32`; empty where there is none.
  public static Optional<DType> parse(String text) {
    for (DType dtype : values()) {
      if (dtype.text.equals(text)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }

  /// The dtype of this name in a safetensors header, such as `BF16`; empty where there is none.
  public static Optional<DType> ofSafetensorsName(String name) {
    for (DType dtype : values()) {
      if (dtype.safetensors.equals(name)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }

  /// The dtype of this npy type code without its byte order, such as `f4`; empty where there is
  /// none.
  public static Optional<DType> ofNpyCode(String code) {
    for (DType dtype : values()) {
      if (!code.isEmpty() && dtype.npy.equals(code)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }

  /// The name in Sinter's texts, such as `f32`.
  public String text() {
    return text;
  }

  /// What the bits mean.
  public Kind kind() {
    return kind;
  }

  /// The bits of one element in memory: 4, 8, 16, 32 or 64.
  public int bits() {
    return bits;
  }

  /// The name in a safetensors header. `I4` and `U4` are Sinter's own, other readers do not know
  /// them.
  public String safetensorsName() {
    return safetensors;
  }

  /// The npy type code without its byte order; empty for `bf16`, `i4` and `u4`, which npy does not
  /// have.
  public Optional<String> npyCode() {
    return npy.isEmpty() ? Optional.empty() : Optional.of(npy);
  }

  /// Whether this is a floating-point dtype.
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /// Whether this is an integer dtype, signed or not.
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  /// The dtype in which a kernel computes: at least 32 bits wide, and able to hold every value of
  /// this one.
  public DType compute() {
    return switch (this) {
      case F16, BF16, F32 -> F32;
      case I4, I8, I16, I32, U4, U8, U16 -> I32;
      case F64, I64, U32, U64, BOOL -> this;
    };
  }

  /// The bytes of `count` elements; the last byte of a 4-bit dtype may be half used.
  ///
  /// @throws ShapeException when that is more than [Shapes#MAX_BYTES]
  public long bytes(long count) {
    if (count < 0 || count > Shapes.MAX_BYTES) {
      throw new ShapeException("%d elements of %s are out of range".formatted(count, text));
    }
    long bytes = bits == 4 ? (count + 1) / 2 : Math.multiplyExact(count, bits / 8);
    if (bytes > Shapes.MAX_BYTES) {
      throw new ShapeException(
          "%d elements of %s take %d bytes, more than the limit of %d"
              .formatted(count, text, bytes, Shapes.MAX_BYTES));
    }
    return bytes;
  }

  /// The value of this dtype that stands for `value`.
  ///
  /// A float dtype takes the nearest value, ties to even, overflow to infinity. An integer dtype
  /// drops the fraction, saturates, and takes 0 for NaN, as a Java cast does; the result is exact
  /// but for `i64` and `u64` beyond 2^53. `bool` takes 1 for all but zero.
  public double round(double value) {
    return switch (this) {
      case F64 -> value;
      case F32 -> (float) value;
      case F16 -> Float.float16ToFloat(NarrowFloats.float16(value));
      case BF16 -> NarrowFloats.fromBfloat16(NarrowFloats.bfloat16(value));
      case U64 -> NarrowFloats.unsignedToDouble(saturate(value));
      case I4, I8, I16, I32, I64, U4, U8, U16, U32, BOOL -> (double) saturate(value);
    };
  }

  /// The low bits of `value` as a value of this integer dtype: what storing it and reading it back
  /// gives. `bool` takes 1 for all but zero; a float dtype has no such thing.
  public long wrap(long value) {
    return switch (kind) {
      case SIGNED -> value << (64 - bits) >> (64 - bits);
      case UNSIGNED -> value << (64 - bits) >>> (64 - bits);
      case BOOL -> value != 0 ? 1 : 0;
      case FLOAT -> throw new IllegalArgumentException(text + " does not wrap");
    };
  }

  /// The integer of this dtype that stands for `value`: no fraction, saturated, 0 for NaN. A `u64`
  /// comes as its bits.
  long saturate(double value) {
    return switch (kind) {
      case SIGNED -> {
        long limit = -1L >>> (65 - bits);
        yield Math.clamp((long) value, -limit - 1, limit);
      }
      case UNSIGNED -> {
        if (bits == 64) {
          yield NarrowFloats.doubleToUnsigned(value);
        }
        yield Math.clamp((long) value, 0L, -1L >>> (64 - bits));
      }
      case BOOL -> value != 0 ? 1 : 0;
      case FLOAT -> throw new IllegalArgumentException(text + " does not saturate");
    };
  }

  /// The name in Sinter's texts.
  @Override
  public String toString() {
    return text;
  }
}
