package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.abs;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.expm1;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.Softmax;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Activation functions.
final class ActivationRules {
  private static final Map<String, Pointwise> SAME =
      Map.ofEntries(
          Map.entry("Relu", Pointwise.RELU),
          Map.entry("Sigmoid", Pointwise.SIGMOID),
          Map.entry("Tanh", Pointwise.TANH),
          Map.entry("Softplus", Pointwise.SOFTPLUS));

  private ActivationRules() {}

  static void addTo(OpRules rules) {
    SAME.forEach((name, row) -> rules.add(name, op -> op.out(op.add(row, op.in(0)))));
    formula(rules, "LeakyRelu", op -> leaky(op.real("alpha", 0.01)));
    formula(rules, "Elu", op -> elu(op.real("alpha", 1)));
    formula(rules, "Celu", op -> celu(op.real("alpha", 1)));
    formula(rules, "Selu", ActivationRules::selu);
    formula(rules, "HardSigmoid", op -> hard(op.real("alpha", 0.2f), op.real("beta", 0.5)));
    formula(rules, "HardSwish", op -> ActivationRules::hardSwish);
    formula(rules, "Softsign", op -> ActivationRules::softsign);
    formula(rules, "ThresholdedRelu", op -> thresholded(op.real("alpha", 1)));
    formula(rules, "Shrink", op -> shrink(op.real("bias", 0), op.real("lambd", 0.5)));
    formula(rules, "Mish", op -> ActivationRules::mish);
    formula(rules, "Swish", op -> swish(op.real("alpha", 1)));
    rules.add("Gelu", op -> op.out(op.add(gelu(op), op.in(0))));
    rules.add("PRelu", op -> op.out(prelu(op)));
    rules.add("Softmax", op -> op.out(along(op, (x, axis) -> op.add(new Softmax(axis), x))));
    rules.add("LogSoftmax", op -> op.out(along(op, (x, axis) -> op.add(new LogSoftmax(axis), x))));
    rules.add("Hardmax", op -> op.out(along(op, (x, axis) -> hardmax(op, x, axis))));
  }

  private interface FormulaOf {
    Formulas.Unary of(OpContext op);
  }

  private static void formula(OpRules rules, String name, FormulaOf formula) {
    rules.add(name, op -> op.out(Formulas.apply(op, op.in(0), formula.of(op))));
  }

  static Formulas.Unary leaky(double alpha) {
    return (x, t) -> select(less(x, real(t, 0)), mul(real(t, alpha), x), x);
  }

  static Formulas.Unary elu(double alpha) {
    return (x, t) -> select(less(x, real(t, 0)), mul(real(t, alpha), expm1(x)), x);
  }

  private static Formulas.Unary celu(double alpha) {
    return (x, t) ->
        select(less(x, real(t, 0)), mul(real(t, alpha), expm1(div(x, real(t, alpha)))), x);
  }

  private static Formulas.Unary selu(OpContext op) {
    // The constants that the operator's page gives, which were rounded before version 6.
    double alpha = op.real("alpha", op.version() < 6 ? 1.6732 : 1.6732632f);
    double gamma = op.real("gamma", op.version() < 6 ? 1.0507 : 1.050701f);
    return (x, t) -> mul(real(t, gamma), elu(alpha).apply(x, t));
  }

  static Formulas.Unary hard(double alpha, double beta) {
    return (x, t) -> max(real(t, 0), min(real(t, 1), add(mul(real(t, alpha), x), real(t, beta))));
  }

  static Elem softsign(Elem x, DType t) {
    return div(x, add(real(t, 1), abs(x)));
  }

  private static Elem hardSwish(Elem x, DType t) {
    return mul(x, hard(1.0 / 6, 0.5).apply(x, t));
  }

  static Formulas.Unary thresholded(double alpha) {
    return (x, t) -> select(less(real(t, alpha), x), x, real(t, 0));
  }

  private static Formulas.Unary shrink(double bias, double lambda) {
    return (x, t) ->
        select(
            less(x, real(t, -lambda)),
            add(x, real(t, bias)),
            select(less(real(t, lambda), x), sub(x, real(t, bias)), real(t, 0)));
  }

  private static Elem mish(Elem x, DType t) {
    return mul(x, Elem.call(ScalarFn.TANH, Pointwise.SOFTPLUS.formula(List.of(x), t)));
  }

  static Formulas.Unary swish(double alpha) {
    return (x, t) -> mul(x, Pointwise.SIGMOID.formula(List.of(mul(real(t, alpha), x)), t));
  }

  private static Pointwise gelu(OpContext op) {
    return switch (op.text("approximate", "none")) {
      case "none" -> Pointwise.GELU;
      case "tanh" -> Pointwise.GELU_TANH;
      default -> throw op.fail("has an unknown `approximate`");
    };
  }

  /// The slope is broadcast to the input; before version 7 it has one number for each channel.
  private static Value prelu(OpContext op) {
    Value x = op.in(0);
    Value slope = op.in(1);
    if (op.version() < 7 && slope.type().rank() == 1 && !slope.type().dim(0).is(1)) {
      slope = channels(op, slope, x.type().rank());
    }
    Value wide = op.broadcast(slope, x.type().shape());
    Elem below = less(arg(0), real(x.type().dtype(), 0));
    return Formulas.of(op, select(below, mul(arg(0), arg(1)), arg(0)), x, wide);
  }

  /// A list with a number for each channel, as it is broadcast to tensors of this rank.
  static Value channels(OpContext op, Value list, int rank) {
    List<Dim> shape = new ArrayList<>(List.of(list.type().dim(0)));
    while (shape.size() < rank - 1) {
      shape.add(Dim.ONE);
    }
    return op.reshape(list, shape);
  }

  /// What is made of a tensor along one of its axes.
  private interface Along {
    Value of(Value x, int axis);
  }

  /// A function along one axis. Before version 13 the axes from `axis` on are taken together.
  private static Value along(OpContext op, Along function) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    int rank = shape.size();
    int axis = op.axis(op.integer("axis", op.version() < 13 ? 1 : -1), rank);
    if (op.version() >= 13 || axis == rank - 1) {
      return function.of(x, axis);
    }
    List<Dim> flat = new ArrayList<>(shape.subList(0, axis));
    flat.add(Dim.product(shape.subList(axis, rank)));
    return op.reshape(function.of(op.reshape(x, flat), axis), shape);
  }

  /// 1 at the first of the largest elements, 0 elsewhere.
  private static Value hardmax(OpContext op, Value x, int axis) {
    Value place = op.add(new Iota(DType.I64, axis, x.type().shape()));
    Value best = op.add(new Argmax(axis, DType.I64), x);
    Value spread = Broadcast.over(op.builder(), best, List.of(axis), x);
    return op.cast(op.add(Pointwise.EQ, place, spread), x.type().dtype());
  }
}
