package dev.sinter.ir;

import static dev.sinter.ir.Elem.call;
import static dev.sinter.ir.Elem.literal;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The ops that work element by element: one row each. Operands have one shape; see the formula for
/// their types. Shape rule, gradient, interpreter and kernels follow from the formula.
///
/// The rows without a formula are the [ScalarFn] of the same name. A row gives its own derivative
/// where the one derived from the formula would be unstable: that of `1 / (1 + exp(-x))` is NaN at
/// -800.
public enum Pointwise implements Op {
  ADD,
  SUB,
  MUL,
  DIV,
  REM,
  POW,
  MAX,
  MIN,
  ATAN2,
  FMA,
  NEG,
  ABS,
  SIGN,
  FLOOR,
  CEIL,
  ROUND,
  TRUNC,
  SQRT,
  EXP,
  EXPM1,
  LOG,
  LOG1P,
  SIN,
  COS,
  TAN,
  ASIN,
  ACOS,
  ATAN,
  TANH,
  ERF,
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  IS_NAN,
  AND,
  OR,
  XOR,
  NOT,
  SHL,
  SHR,
  SELECT,
  THREEFRY,
  /// With slope 0 at 0, as is usual.
  RELU(
      1,
      (x, t) -> call(ScalarFn.MAX, x.get(0), literal(t, 0.0)),
      (x, y, t) ->
          List.of(
              call(
                  ScalarFn.SELECT,
                  call(ScalarFn.GT, y, literal(t, 0.0)),
                  literal(t, 1.0),
                  literal(t, 0.0)))),
  SIGMOID(
      1,
      (x, t) ->
          call(
              ScalarFn.DIV,
              literal(t, 1.0),
              call(
                  ScalarFn.ADD, literal(t, 1.0), call(ScalarFn.EXP, call(ScalarFn.NEG, x.get(0))))),
      (x, y, t) -> List.of(call(ScalarFn.MUL, y, call(ScalarFn.SUB, literal(t, 1.0), y)))),
  /// `log(1 + exp(x))`, as `max(x, 0) + log1p(exp(-|x|))`.
  SOFTPLUS(
      1,
      (x, t) ->
          call(
              ScalarFn.ADD,
              call(ScalarFn.MAX, x.get(0), literal(t, 0.0)),
              call(
                  ScalarFn.LOG1P,
                  call(ScalarFn.EXP, call(ScalarFn.NEG, call(ScalarFn.ABS, x.get(0)))))),
      (x, y, t) -> List.of(SIGMOID.formula(x, t))),
  SILU(
      1,
      (x, t) -> call(ScalarFn.MUL, x.get(0), SIGMOID.formula(x, t)),
      (x, y, t) -> {
        Elem s = SIGMOID.formula(x, t);
        // s + y * (1 - s) = s * (1 + x * (1 - s))
        return List.of(
            call(ScalarFn.ADD, s, call(ScalarFn.MUL, y, call(ScalarFn.SUB, literal(t, 1.0), s))));
      }),
  /// `x * Phi(x)` with the error function. Source: Hendrycks and Gimpel 2016.
  GELU(
      1,
      (x, t) ->
          call(
              ScalarFn.MUL,
              call(ScalarFn.MUL, literal(t, 0.5), x.get(0)),
              call(
                  ScalarFn.ADD,
                  literal(t, 1.0),
                  call(ScalarFn.ERF, call(ScalarFn.MUL, x.get(0), literal(t, Math.sqrt(0.5))))))),
  /// The approximation of [#GELU] by a hyperbolic tangent.
  GELU_TANH(
      1,
      (x, t) -> {
        Elem cube = call(ScalarFn.MUL, x.get(0), call(ScalarFn.MUL, x.get(0), x.get(0)));
        Elem inner =
            call(
                ScalarFn.MUL,
                literal(t, Math.sqrt(2 / Math.PI)),
                call(ScalarFn.ADD, x.get(0), call(ScalarFn.MUL, literal(t, 0.044715), cube)));
        return call(
            ScalarFn.MUL,
            call(ScalarFn.MUL, literal(t, 0.5), x.get(0)),
            call(ScalarFn.ADD, literal(t, 1.0), call(ScalarFn.TANH, inner)));
      });

  /// From the operands' elements, all of type `t` unless the row says otherwise, to the result's.
  interface Formula {
    Elem of(List<Elem> x, DType t);
  }

  /// From the operands' elements and the result's to the derivative by each operand.
  interface Partials {
    List<Elem> of(List<Elem> x, Elem y, DType t);
  }

  private final int arity;
  private final @Nullable ScalarFn fn;
  private final Formula formula;
  private final @Nullable Partials partials;

  Pointwise() {
    ScalarFn same = ScalarFn.valueOf(name());
    this.fn = same;
    this.arity = same.arity();
    this.formula = (x, t) -> new Elem.Call(same, x);
    this.partials = null;
  }

  Pointwise(int arity, Formula formula) {
    this(arity, formula, null);
  }

  Pointwise(int arity, Formula formula, @Nullable Partials partials) {
    this.fn = null;
    this.arity = arity;
    this.formula = formula;
    this.partials = partials;
  }

  /// The row that is `fn` itself.
  public static Pointwise of(ScalarFn fn) {
    return valueOf(fn.name());
  }

  /// The number of operands.
  public int arity() {
    return arity;
  }

  /// The scalar function that the row is, or null for a row with a formula of several.
  public @Nullable ScalarFn fn() {
    return fn;
  }

  /// The result's element for the operands' elements `x`, of type `t`.
  public Elem formula(List<Elem> x, DType t) {
    return formula.of(x, t);
  }

  @Override
  public String mnemonic() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    if (operands.size() != arity) {
      throw new OpException(mnemonic() + " takes " + arity + " operands, not " + operands.size());
    }
    TensorType first = operands.getFirst();
    for (TensorType other : operands) {
      if (!other.shape().equals(first.shape())) {
        throw new OpException(mnemonic() + " of different shapes: " + operands);
      }
    }
    DType result;
    try {
      result = formula(arguments(operands), computeType(operands)).dtype(operands);
    } catch (IllegalArgumentException e) {
      throw new OpException(mnemonic() + " of types that do not fit: " + operands);
    }
    return List.of(first.withDtype(result));
  }

  /// The type in which a formula's literals are written: that of the last operand, since a select
  /// begins with its condition.
  private static DType computeType(List<TensorType> operands) {
    return operands.getLast().dtype();
  }

  private static List<Elem> arguments(List<TensorType> operands) {
    List<Elem> args = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      args.add(Elem.read(i, List.of()));
    }
    return args;
  }

  /// What element `at` of the result is.
  public Elem define(List<TensorType> operands, List<Dim> at) {
    List<Elem> args = new ArrayList<>();
    for (int i = 0; i < arity; i++) {
      args.add(Elem.read(i, at));
    }
    return formula(args, computeType(operands));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    List<@Nullable Value> out = new ArrayList<>();
    Value cotangent = dy.getFirst();
    List<Value> values = new ArrayList<>(node.operands());
    values.add(node.result());
    List<TensorType> types = node.operandTypes();
    List<Elem> x = arguments(types);
    Elem y = Elem.read(arity, List.of());
    DType t = computeType(types);
    List<@Nullable Elem> slopes =
        partials != null
            ? new ArrayList<>(partials.of(x, y, t))
            : ScalarGradient.of(formula(x, t), arity, fn == null ? null : y, types, t);
    for (int i = 0; i < arity; i++) {
      Elem slope = slopes.get(i);
      out.add(
          slope == null || cotangent == null || !types.get(i).dtype().isFloat()
              ? null
              : b.add(MUL, cotangent, b.formula(slope, values)));
    }
    return out;
  }
}
