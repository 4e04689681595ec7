package dev.sinter.onnx.export;

import static dev.sinter.runtime.DType.BOOL;

import dev.sinter.runtime.DType;

/// Functions of floats that ONNX has no operator for.
///
/// @param sink where nodes go
/// @param t the type in which is computed
record FloatFormulas(NodeSink sink, DType t) {
  private Grid op(String opType, Grid... args) {
    return sink.apply(opType, t, args);
  }

  private Grid test(String opType, Grid... args) {
    return sink.apply(opType, BOOL, args);
  }

  private Grid number(double value) {
    return sink.real(t, value);
  }

  /// Whether `x` is so near to 0 that 1 would swallow what is wanted.
  private Grid isSmall(Grid x) {
    return test("Less", op("Abs", x), number(0.5));
  }

  /// `exp(x) - 1`; near 0, where that cancels, `2 t / (1 - t)` with `t = tanh(x / 2)`.
  Grid expm1(Grid x) {
    Grid tanh = op("Tanh", op("Mul", x, number(0.5)));
    Grid near = op("Div", op("Mul", number(2), tanh), op("Sub", number(1), tanh));
    return op("Where", isSmall(x), near, op("Sub", op("Exp", x), number(1)));
  }

  /// `log(1 + x)`; near 0 with the rounding of `1 + x` taken out again. Source: Goldberg 1991,
  /// theorem 4.
  Grid log1p(Grid x) {
    Grid u = op("Add", x, number(1));
    Grid added = op("Sub", u, number(1));
    Grid lost = test("Equal", added, number(0));
    Grid divisor = op("Where", lost, number(1), added);
    Grid near = op("Where", lost, x, op("Div", op("Mul", op("Log", u), x), divisor));
    return op("Where", isSmall(x), near, op("Log", u));
  }

  /// The angle of the point `(x, y)`; signs of zeros do not count.
  Grid atan2(Grid y, Grid x) {
    Grid zero = number(0);
    Grid infinite = test("And", test("IsInf", y), test("IsInf", x));
    Grid top = op("Where", infinite, op("Sign", y), y);
    Grid side = op("Where", infinite, op("Sign", x), x);
    Grid atZero = test("Equal", side, zero);
    Grid angle = op("Atan", op("Div", top, op("Where", atZero, number(1), side)));
    Grid below = test("Less", top, zero);
    Grid half = op("Where", below, number(-Math.PI), number(Math.PI));
    Grid behind = op("Where", test("Less", side, zero), op("Add", angle, half), angle);
    Grid quarter = op("Mul", op("Sign", top), number(Math.PI / 2));
    return op("Where", atZero, quarter, behind);
  }
}
