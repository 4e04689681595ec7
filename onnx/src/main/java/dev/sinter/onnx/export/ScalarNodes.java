package dev.sinter.onnx.export;

import static dev.sinter.runtime.DType.BOOL;
import static dev.sinter.runtime.DType.I64;
import static dev.sinter.runtime.DType.U64;

import dev.sinter.ir.ScalarFn;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import java.util.List;

/// Scalar functions as operators. Arguments and results are in the types of [Carriers].
///
/// @param sink where nodes go
record ScalarNodes(NodeSink sink) {
  private Carriers carriers() {
    return new Carriers(sink);
  }

  /// A call of `fn`.
  ///
  /// @param t the arguments' type; of a select, that of its sides
  Grid call(ScalarFn fn, DType t, List<Grid> x) {
    Grid a = x.get(0);
    DType carrier = Carriers.of(t);
    boolean real = t.isFloat();
    return switch (fn) {
      case ADD, SUB, MUL -> carriers().wrap(arithmetic(fn, carrier, x), t);
      case FMA -> fma(t, a, x.get(1), x.get(2));
      case DIV -> real ? op("Div", carrier, a, x.get(1)) : quotient("Div", t, a, x.get(1));
      case REM -> real ? floatRemainder(carrier, a, x.get(1)) : quotient("Mod", t, a, x.get(1));
      case POW -> real ? op("Pow", carrier, a, x.get(1)) : power(t, a, x.get(1));
      case MAX -> t == U64 ? either(less(t, a, x.get(1)), x.get(1), a) : op("Max", carrier, x);
      case MIN -> t == U64 ? either(less(t, a, x.get(1)), a, x.get(1)) : op("Min", carrier, x);
      case ATAN2 -> new FloatFormulas(sink, carrier).atan2(a, x.get(1));
      case NEG -> carriers().wrap(op("Neg", carrier, a), t);
      case ABS -> t.kind() == DType.Kind.UNSIGNED ? a : carriers().wrap(op("Abs", carrier, a), t);
      case SIGN -> sign(t, a);
      case FLOOR -> real ? op("Floor", carrier, a) : a;
      case CEIL -> real ? op("Ceil", carrier, a) : a;
      case ROUND -> real ? op("Round", carrier, a) : a;
      case TRUNC ->
          real
              ? either(
                  op("Less", BOOL, a, sink.real(carrier, 0)),
                  op("Ceil", carrier, a),
                  op("Floor", carrier, a))
              : a;
      case SQRT -> op("Sqrt", carrier, a);
      case EXP -> op("Exp", carrier, a);
      case EXPM1 -> new FloatFormulas(sink, carrier).expm1(a);
      case LOG -> op("Log", carrier, a);
      case LOG1P -> new FloatFormulas(sink, carrier).log1p(a);
      case SIN -> op("Sin", carrier, a);
      case COS -> op("Cos", carrier, a);
      case TAN -> op("Tan", carrier, a);
      case ASIN -> op("Asin", carrier, a);
      case ACOS -> op("Acos", carrier, a);
      case ATAN -> op("Atan", carrier, a);
      case TANH -> op("Tanh", carrier, a);
      case ERF -> op("Erf", carrier, a);
      case EQ -> op("Equal", BOOL, x);
      case NE -> op("Not", BOOL, op("Equal", BOOL, x));
      case LT -> less(t, a, x.get(1));
      case GT -> less(t, x.get(1), a);
      case LE -> t == U64 ? not(less(t, x.get(1), a)) : op("LessOrEqual", BOOL, x);
      case GE -> t == U64 ? not(less(t, a, x.get(1))) : op("GreaterOrEqual", BOOL, x);
      case IS_NAN -> op("IsNaN", BOOL, a);
      case AND -> op(t == BOOL ? "And" : "BitwiseAnd", carrier, x);
      case OR -> op(t == BOOL ? "Or" : "BitwiseOr", carrier, x);
      case XOR -> op(t == BOOL ? "Xor" : "BitwiseXor", carrier, x);
      case NOT -> t == BOOL ? not(a) : carriers().wrap(op("BitwiseNot", carrier, a), t);
      case SHL -> carriers().wrap(shift("LEFT", carrier, a, x.get(1)), t);
      case SHR -> shiftedRight(t, a, x.get(1));
      case SELECT -> select(t, a, x.get(1), x.get(2));
      case THREEFRY -> new Threefry(sink).word(a, x.get(1), x.get(2), x.get(3));
    };
  }

  private Grid op(String opType, DType dtype, List<Grid> args) {
    return op(opType, dtype, args.toArray(new Grid[0]));
  }

  private Grid op(String opType, DType dtype, Grid... args) {
    return sink.apply(opType, dtype, args);
  }

  private Grid not(Grid x) {
    return op("Not", BOOL, x);
  }

  private Grid either(Grid condition, Grid yes, Grid no) {
    return op("Where", yes.dtype(), condition, yes, no);
  }

  private Grid arithmetic(ScalarFn fn, DType carrier, List<Grid> x) {
    String opType = fn == ScalarFn.ADD ? "Add" : fn == ScalarFn.SUB ? "Sub" : "Mul";
    return op(opType, carrier, x);
  }

  /// Rounded once: in `f64` a product of two `f32` is exact.
  private Grid fma(DType t, Grid a, Grid b, Grid c) {
    DType carrier = Carriers.of(t);
    DType wide = carrier == DType.F32 ? DType.F64 : carrier;
    Grid product = op("Mul", wide, sink.cast(a, wide), sink.cast(b, wide));
    Grid sum = op("Add", wide, product, sink.cast(c, wide));
    return carriers().wrap(sink.cast(sum, carrier), t);
  }

  private Grid less(DType t, Grid a, Grid b) {
    if (t != U64) {
      return op("Less", BOOL, a, b);
    }
    // The order of the bits read with a sign, once both signs are turned.
    Grid turn = sink.integer(Long.MIN_VALUE);
    return op("Less", BOOL, op("Add", I64, a, turn), op("Add", I64, b, turn));
  }

  private Grid select(DType t, Grid condition, Grid yes, Grid no) {
    if (t != BOOL) {
      return either(condition, yes, no);
    }
    // ONNX Runtime chooses between no bools.
    return op("Or", BOOL, op("And", BOOL, condition, yes), op("And", BOOL, not(condition), no));
  }

  private Grid sign(DType t, Grid a) {
    Grid sign = op("Sign", a.dtype(), a);
    if (t == U64) {
      Grid zero = sink.integer(0);
      return either(op("Equal", BOOL, a, zero), zero, sink.integer(1));
    }
    return sign;
  }

  /// The truncated quotient or the remainder of integers; 0 for a divisor of 0.
  private Grid quotient(String opType, DType t, Grid a, Grid b) {
    DType carrier = Carriers.of(t);
    Grid zero = sink.integer(carrier, 0);
    Grid one = sink.integer(carrier, 1);
    Grid isZero = op("Equal", BOOL, b, zero);
    boolean signed = t.kind() == DType.Kind.SIGNED;
    Grid isMinus = op("Equal", BOOL, b, sink.integer(carrier, -1));
    // The smallest number divided by -1 stops a processor.
    Grid unsafe = signed ? op("Or", BOOL, isZero, isMinus) : isZero;
    Grid divisor = either(unsafe, one, b);
    Grid result =
        t == U64
            ? sink.cast(op(opType, U64, sink.cast(a, U64), sink.cast(divisor, U64)), I64)
            : op(opType, carrier, a, divisor);
    if (opType.equals("Div") && signed) {
      result = either(isMinus, op("Neg", carrier, a), result);
    }
    return carriers().wrap(either(isZero, zero, result), t);
  }

  /// The remainder with the sign of the divisor.
  private Grid floatRemainder(DType carrier, Grid a, Grid b) {
    Grid r =
        Grid.joined(
            sink.add("Mod", Grid.names(a, b), NodeSink.attribute("fmod", 1)), carrier, a, b);
    Grid zero = sink.real(carrier, 0);
    Grid turned =
        op(
            "And",
            BOOL,
            not(op("Equal", BOOL, r, zero)),
            op("Xor", BOOL, op("Less", BOOL, r, zero), op("Less", BOOL, b, zero)));
    return either(turned, op("Add", carrier, r, b), r);
  }

  /// Square and multiply, a bit of the exponent at a time; of a negative exponent the truncated
  /// quotient.
  private Grid power(DType t, Grid base, Grid exponent) {
    DType carrier = Carriers.of(t);
    Grid one = sink.integer(carrier, 1);
    Grid zero = sink.integer(carrier, 0);
    Grid result = one;
    Grid square = base;
    Grid rest = exponent;
    int bits = t.bits();
    for (int i = 0; i < bits; i++) {
      Grid odd = op("Equal", BOOL, op("BitwiseAnd", carrier, rest, one), one);
      result = carriers().wrap(either(odd, op("Mul", carrier, result, square), result), t);
      square = carriers().wrap(op("Mul", carrier, square, square), t);
      rest = shift("RIGHT", carrier, rest, one);
    }
    if (t.kind() == DType.Kind.UNSIGNED) {
      return result;
    }
    Grid odd = op("Equal", BOOL, op("BitwiseAnd", carrier, exponent, one), one);
    Grid minus = sink.integer(carrier, -1);
    Grid inverse =
        either(
            op("Equal", BOOL, base, one),
            one,
            either(op("Equal", BOOL, base, minus), either(odd, minus, one), zero));
    return either(op("Less", BOOL, exponent, zero), inverse, result);
  }

  /// A shift of the bits, zeros coming in.
  private Grid shift(String direction, DType carrier, Grid a, Grid by) {
    OnnxAttribute way = NodeSink.attribute("direction", direction);
    Grid bits = sink.cast(sink.cast(a, I64), U64);
    Grid count = sink.cast(by, U64);
    Grid shifted =
        Grid.joined(sink.add("BitShift", Grid.names(bits, count), way), U64, bits, count);
    return sink.cast(sink.cast(shifted, I64), carrier);
  }

  /// Zeros come into an unsigned number, its sign into a signed one.
  private Grid shiftedRight(DType t, Grid a, Grid by) {
    DType carrier = Carriers.of(t);
    if (t.kind() == DType.Kind.UNSIGNED) {
      return shift("RIGHT", carrier, a, by);
    }
    Grid zero = sink.integer(carrier, 0);
    Grid sign = either(op("Less", BOOL, a, zero), sink.integer(carrier, -1), zero);
    Grid magnitude = op("BitwiseXor", carrier, a, sign);
    return op("BitwiseXor", carrier, shift("RIGHT", carrier, magnitude, by), sign);
  }
}
