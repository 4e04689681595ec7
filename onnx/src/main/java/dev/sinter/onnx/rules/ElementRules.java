package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.abs;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.neg;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Arithmetic element by element.
final class ElementRules {
  private static final Map<String, Pointwise> UNARY =
      Map.ofEntries(
          Map.entry("Abs", Pointwise.ABS),
          Map.entry("Neg", Pointwise.NEG),
          Map.entry("Sign", Pointwise.SIGN),
          Map.entry("Floor", Pointwise.FLOOR),
          Map.entry("Ceil", Pointwise.CEIL),
          Map.entry("Round", Pointwise.ROUND),
          Map.entry("Sqrt", Pointwise.SQRT),
          Map.entry("Exp", Pointwise.EXP),
          Map.entry("Log", Pointwise.LOG),
          Map.entry("Erf", Pointwise.ERF));

  private static final Map<String, Pointwise> BINARY =
      Map.ofEntries(
          Map.entry("Add", Pointwise.ADD),
          Map.entry("Sub", Pointwise.SUB),
          Map.entry("Mul", Pointwise.MUL),
          Map.entry("Div", Pointwise.DIV));

  private static final Map<String, Pointwise> JOINING =
      Map.ofEntries(
          Map.entry("Max", Pointwise.MAX),
          Map.entry("Min", Pointwise.MIN),
          Map.entry("Sum", Pointwise.ADD));

  private ElementRules() {}

  static void addTo(OpRules rules) {
    UNARY.forEach((name, row) -> rules.add(name, op -> op.out(op.add(row, op.in(0)))));
    BINARY.forEach((name, row) -> rules.add(name, op -> op.out(binary(op, row))));
    JOINING.forEach((name, row) -> rules.add(name, op -> op.out(joined(op, row))));
    rules.add("Mean", op -> op.out(mean(op)));
    rules.add("Reciprocal", op -> op.out(reciprocal(op)));
    rules.add("Pow", op -> op.out(pow(op)));
    rules.add("Mod", op -> op.out(mod(op)));
    rules.add("Clip", op -> op.out(clip(op)));
  }

  /// A row of two operands after broadcasting.
  static Value binary(OpContext op, Pointwise row) {
    List<Value> both = pair(op);
    return op.add(row, both.get(0), both.get(1));
  }

  /// The two operands in one shape. Before version 7 broadcasting had to be asked for, and the
  /// second one's sizes were those of the first from `axis` on.
  static List<Value> pair(OpContext op) {
    Value right = op.in(1);
    if (op.version() < 7 && op.flag("broadcast", false) && op.hasAttribute("axis")) {
      int rank = op.type(0).rank();
      int axis = op.axis(op.integer("axis", 0), rank);
      List<Dim> shape = new ArrayList<>(right.type().shape());
      while (axis + shape.size() < rank) {
        shape.add(Dim.ONE);
      }
      right = op.reshape(right, shape);
    }
    return op.broadcastAll(List.of(op.in(0), right));
  }

  private static Value joined(OpContext op, Pointwise row) {
    List<Value> all = op.broadcastAll(op.all());
    Value sum = all.getFirst();
    for (Value other : all.subList(1, all.size())) {
      sum = op.add(row, sum, other);
    }
    return sum;
  }

  private static Value mean(OpContext op) {
    Value sum = joined(op, Pointwise.ADD);
    DType dtype = sum.type().dtype();
    return op.add(Pointwise.DIV, sum, op.fill(dtype, op.inputs(), sum.type().shape()));
  }

  private static Value reciprocal(OpContext op) {
    return Formulas.apply(op, op.in(0), (x, t) -> div(real(t, 1), x));
  }

  /// The exponent may have another type; the result has that of the base.
  private static Value pow(OpContext op) {
    List<Value> both = pair(op);
    DType base = both.get(0).type().dtype();
    DType exponent = both.get(1).type().dtype();
    DType type =
        base.isFloat()
            ? base
            : exponent.isFloat() ? DType.F64 : base == exponent ? base : DType.I64;
    Value power = op.add(Pointwise.POW, op.cast(both.get(0), type), op.cast(both.get(1), type));
    return op.cast(power, base);
  }

  /// The remainder with the sign of the divisor, or, with `fmod`, of the dividend.
  private static Value mod(OpContext op) {
    List<Value> both = pair(op);
    DType dtype = both.get(0).type().dtype();
    if (!op.flag("fmod", false)) {
      return op.add(Pointwise.REM, both.get(0), both.get(1));
    }
    Elem a = arg(0);
    Elem b = arg(1);
    if (!dtype.isFloat()) {
      return Formulas.of(op, sub(a, mul(div(a, b), b)), both.get(0), both.get(1));
    }
    Elem rest = Elem.call(ScalarFn.REM, abs(a), abs(b));
    return Formulas.of(
        op, select(less(a, real(dtype, 0)), neg(rest), rest), both.get(0), both.get(1));
  }

  /// Limits are attributes before version 11 and optional inputs since.
  private static Value clip(OpContext op) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    DType dtype = x.type().dtype();
    if (op.version() < 11) {
      if (op.hasAttribute("min")) {
        x = op.add(Pointwise.MAX, x, op.fill(dtype, op.real("min", 0), shape));
      }
      return op.hasAttribute("max")
          ? op.add(Pointwise.MIN, x, op.fill(dtype, op.real("max", 0), shape))
          : x;
    }
    if (op.has(1)) {
      x = op.add(Pointwise.MAX, x, limit(op, 1, shape));
    }
    return op.has(2) ? op.add(Pointwise.MIN, x, limit(op, 2, shape)) : x;
  }

  private static Value limit(OpContext op, int input, List<Dim> shape) {
    return op.broadcast(op.reshape(op.in(input), List.of()), shape);
  }
}
