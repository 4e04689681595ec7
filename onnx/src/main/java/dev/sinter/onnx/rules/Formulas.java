package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/// Formulas over elements, as short as on paper, and their use on whole tensors.
final class Formulas {
  private Formulas() {}

  /// A formula of one element and the type that it is reckoned in.
  interface Unary extends BiFunction<Elem, DType, Elem> {}

  /// A number of the type `t`.
  static Elem real(DType t, double value) {
    return Elem.literal(t, value);
  }

  /// A size or an index as a number of the float type `t`.
  static Elem real(DType t, Dim dim) {
    return dim.isConstant() ? real(t, (double) dim.constant()) : new Elem.IndexValue(t, dim);
  }

  static Elem add(Elem a, Elem b) {
    return Elem.call(ScalarFn.ADD, a, b);
  }

  static Elem sub(Elem a, Elem b) {
    return Elem.call(ScalarFn.SUB, a, b);
  }

  static Elem mul(Elem a, Elem b) {
    return Elem.call(ScalarFn.MUL, a, b);
  }

  static Elem div(Elem a, Elem b) {
    return Elem.call(ScalarFn.DIV, a, b);
  }

  static Elem max(Elem a, Elem b) {
    return Elem.call(ScalarFn.MAX, a, b);
  }

  static Elem min(Elem a, Elem b) {
    return Elem.call(ScalarFn.MIN, a, b);
  }

  static Elem neg(Elem a) {
    return Elem.call(ScalarFn.NEG, a);
  }

  static Elem abs(Elem a) {
    return Elem.call(ScalarFn.ABS, a);
  }

  static Elem sqrt(Elem a) {
    return Elem.call(ScalarFn.SQRT, a);
  }

  static Elem exp(Elem a) {
    return Elem.call(ScalarFn.EXP, a);
  }

  static Elem expm1(Elem a) {
    return Elem.call(ScalarFn.EXPM1, a);
  }

  static Elem log1p(Elem a) {
    return Elem.call(ScalarFn.LOG1P, a);
  }

  /// The remainder that has the divisor's sign.
  static Elem mod(Elem a, Elem b) {
    return Elem.call(ScalarFn.REM, a, b);
  }

  static Elem floor(Elem a) {
    return Elem.call(ScalarFn.FLOOR, a);
  }

  static Elem ceil(Elem a) {
    return Elem.call(ScalarFn.CEIL, a);
  }

  static Elem le(Elem a, Elem b) {
    return Elem.call(ScalarFn.LE, a, b);
  }

  static Elem ge(Elem a, Elem b) {
    return Elem.call(ScalarFn.GE, a, b);
  }

  static Elem cast(DType dtype, Elem a) {
    return new Elem.Cast(dtype, a);
  }

  /// The value moved between two others.
  static Elem clamp(Elem a, Elem low, Elem high) {
    return min(max(a, low), high);
  }

  static Elem eq(Elem a, Elem b) {
    return Elem.call(ScalarFn.EQ, a, b);
  }

  static Elem less(Elem a, Elem b) {
    return Elem.call(ScalarFn.LT, a, b);
  }

  static Elem and(Elem a, Elem b) {
    return Elem.call(ScalarFn.AND, a, b);
  }

  static Elem or(Elem a, Elem b) {
    return Elem.call(ScalarFn.OR, a, b);
  }

  static Elem not(Elem a) {
    return Elem.call(ScalarFn.NOT, a);
  }

  static Elem select(Elem condition, Elem then, Elem otherwise) {
    return Elem.call(ScalarFn.SELECT, condition, then, otherwise);
  }

  /// The type in which formulas of elements of `dtype` are reckoned: a float of 32 or 64 bits.
  static DType floats(DType dtype) {
    return dtype.isFloat() ? dtype.compute() : dtype.bits() > 24 ? DType.F64 : DType.F32;
  }

  /// The tensor of a formula of `x`, reckoned in [#floats] and rounded to its type.
  static Value apply(OpContext op, Value x, Unary formula) {
    DType dtype = x.type().dtype();
    Value wide = op.cast(x, floats(dtype));
    return op.cast(of(op, formula.apply(arg(0), floats(dtype)), wide), dtype);
  }

  /// Operand `number` in a formula.
  static Elem arg(int number) {
    return Elem.read(number, List.of());
  }

  /// The tensor of a formula over [#arg]s, which all have one shape.
  static Value of(OpContext op, Elem formula, Value... args) {
    return op.builder().formula(formula, Arrays.asList(args));
  }
}
