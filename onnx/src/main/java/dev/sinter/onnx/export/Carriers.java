package dev.sinter.onnx.export;

import dev.sinter.runtime.DType;

/// In which types the file computes, and how values go between types.
///
/// ONNX Runtime computes with few types: narrow floats are computed in `f32`, narrow integers in
/// `i32`, `u32` in `i64`, and a `u64` is held by its bits in `i64`.
///
/// @param sink where nodes go
record Carriers(NodeSink sink) {
  /// The type that values of `dtype` are computed in.
  static DType of(DType dtype) {
    return switch (dtype) {
      case F16, BF16, F32 -> DType.F32;
      case F64 -> DType.F64;
      case I4, I8, I16, I32, U4, U8, U16 -> DType.I32;
      case I64, U32, U64 -> DType.I64;
      case BOOL -> DType.BOOL;
    };
  }

  /// A value as it is stored, ready to compute with.
  Grid load(Grid stored) {
    return sink.cast(stored, of(stored.dtype()));
  }

  /// A computed value of type `dtype` as it is stored.
  Grid store(Grid computed, DType dtype) {
    return sink.cast(computed, dtype);
  }

  /// A computed integer of type `dtype` without the bits that such a type has not.
  Grid wrap(Grid computed, DType dtype) {
    boolean whole =
        !dtype.isInteger() || dtype == DType.I32 || dtype == DType.I64 || dtype == DType.U64;
    return whole ? computed : load(store(computed, dtype));
  }

  /// A number.
  Grid literal(DType dtype, double real, long integer) {
    DType carrier = of(dtype);
    return carrier.isFloat() ? sink.real(carrier, real) : sink.integer(carrier, integer);
  }

  /// A computed value of type `from` as one of type `to`: floats go to integers without their
  /// fraction, saturated, NaN as 0; integers wrap.
  Grid convert(Grid x, DType from, DType to) {
    if (from == to) {
      return x;
    }
    if (to == DType.BOOL) {
      return sink.cast(x, DType.BOOL);
    }
    if (from.isFloat() && to.isInteger()) {
      return saturated(x, to);
    }
    Grid value = from == DType.U64 && to.isFloat() ? sink.cast(x, DType.U64) : x;
    if (to.isFloat()) {
      return load(store(value, to));
    }
    return wrap(sink.cast(value, of(to)), to);
  }

  private Grid saturated(Grid x, DType to) {
    Grid wide = sink.cast(x, DType.F64);
    boolean signed = to.kind() == DType.Kind.SIGNED;
    double least = signed ? -Math.scalb(1.0, to.bits() - 1) : 0;
    double above = Math.scalb(1.0, signed ? to.bits() - 1 : to.bits());
    double most = to.bits() == 64 ? Math.nextDown(above) : above - 1;
    Grid number =
        sink.apply("Where", DType.F64, sink.apply("IsNaN", DType.BOOL, wide), real(0), wide);
    Grid held =
        sink.apply("Min", DType.F64, sink.apply("Max", DType.F64, number, real(least)), real(most));
    if (to.bits() < 64) {
      return sink.cast(held, of(to));
    }
    Grid whole = sink.cast(sink.cast(held, to), DType.I64);
    Grid most64 = sink.integer(signed ? Long.MAX_VALUE : -1);
    Grid over = sink.apply("GreaterOrEqual", DType.BOOL, number, real(above));
    return sink.apply("Where", DType.I64, over, most64, whole);
  }

  private Grid real(double value) {
    return sink.real(DType.F64, value);
  }
}
