package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.abs;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.exp;
import static dev.sinter.onnx.rules.Formulas.expm1;
import static dev.sinter.onnx.rules.Formulas.log1p;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.neg;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.sqrt;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.Map;

/// Trigonometric and hyperbolic functions; the latter are written so that they lose no digits near
/// 0 and do not overflow early.
final class TrigRules {
  private static final Map<String, Pointwise> SAME =
      Map.ofEntries(
          Map.entry("Sin", Pointwise.SIN),
          Map.entry("Cos", Pointwise.COS),
          Map.entry("Tan", Pointwise.TAN),
          Map.entry("Asin", Pointwise.ASIN),
          Map.entry("Acos", Pointwise.ACOS),
          Map.entry("Atan", Pointwise.ATAN));

  private static final Map<String, Formulas.Unary> HYPERBOLIC =
      Map.ofEntries(
          Map.entry("Sinh", TrigRules::sinh),
          Map.entry("Cosh", (x, t) -> mul(real(t, 0.5), add(exp(x), exp(neg(x))))),
          Map.entry("Asinh", TrigRules::asinh),
          Map.entry("Acosh", TrigRules::acosh),
          Map.entry("Atanh", TrigRules::atanh));

  private TrigRules() {}

  static void addTo(OpRules rules) {
    SAME.forEach((name, row) -> rules.add(name, op -> op.out(op.add(row, op.in(0)))));
    HYPERBOLIC.forEach(
        (name, formula) -> rules.add(name, op -> op.out(Formulas.apply(op, op.in(0), formula))));
  }

  private static Elem sinh(Elem x, DType t) {
    return mul(real(t, 0.5), sub(expm1(x), expm1(neg(x))));
  }

  /// `sign(x) log(a + sqrt(a^2 + 1))` with `a = |x|`.
  private static Elem asinh(Elem x, DType t) {
    Elem a = abs(x);
    Elem inverse = div(real(t, 1), a);
    Elem root = sqrt(add(real(t, 1), mul(inverse, inverse)));
    return mul(Elem.call(ScalarFn.SIGN, x), log1p(add(a, div(a, add(inverse, root)))));
  }

  /// `log(x + sqrt(x^2 - 1))` as a function of `x - 1`.
  private static Elem acosh(Elem x, DType t) {
    Elem above = sub(x, real(t, 1));
    return log1p(add(above, mul(sqrt(above), sqrt(add(above, real(t, 2))))));
  }

  /// `log((1 + x) / (1 - x)) / 2`.
  private static Elem atanh(Elem x, DType t) {
    Elem a = abs(x);
    Elem ratio = div(mul(real(t, 2), a), sub(real(t, 1), a));
    return mul(mul(real(t, 0.5), Elem.call(ScalarFn.SIGN, x)), log1p(ratio));
  }
}
