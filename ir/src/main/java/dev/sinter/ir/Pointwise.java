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
  /// `1 / sqrt(x)`.
  RSQRT(1, (x, t) -> call(ScalarFn.DIV, literal(t, 1.0), call(ScalarFn.SQRT, x.get(0)))),
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
  /// `x * sigmoid(x)`; the factor is held above -1000, so that -inf gives its limit 0.
  SILU(
      1,
      (x, t) ->
          call(
              ScalarFn.MUL,
              call(ScalarFn.MAX, x.get(0), literal(t, -1000.0)),
              SIGMOID.formula(x, t)),
      (x, y, t) -> {
        // s + x * s * (1 - s); where the second summand vanishes, x may not be infinite.
        Elem s = SIGMOID.formula(x, t);
        Elem slope = call(ScalarFn.MUL, s, call(ScalarFn.SUB, literal(t, 1.0), s));
        return List.of(call(ScalarFn.ADD, s, call(ScalarFn.MUL, held(x.get(0), 1000, t), slope)));
      }),
  /// `x * Phi(x)` with the error function; the factor is held above -40, where Phi is 0. Source:
  /// Hendrycks and Gimpel 2016.
  GELU(
      1,
      (x, t) ->
          call(
              ScalarFn.MUL,
              call(ScalarFn.MAX, x.get(0), literal(t, -40.0)),
              normalDistribution(x.get(0), t)),
      (x, y, t) -> {
        Elem z = held(x.get(0), 40, t);
        Elem half = call(ScalarFn.MUL, literal(t, -0.5), call(ScalarFn.MUL, z, z));
        Elem density =
            call(ScalarFn.MUL, literal(t, 1 / Math.sqrt(2 * Math.PI)), call(ScalarFn.EXP, half));
        return List.of(
            call(ScalarFn.ADD, normalDistribution(z, t), call(ScalarFn.MUL, z, density)));
      }),
  /// The approximation of [#GELU] by a hyperbolic tangent.
  GELU_TANH(
      1,
      (x, t) ->
          call(
              ScalarFn.MUL,
              call(ScalarFn.MUL, literal(t, 0.5), call(ScalarFn.MAX, x.get(0), literal(t, -40.0))),
              call(
                  ScalarFn.ADD,
                  literal(t, 1.0),
                  call(ScalarFn.TANH, geluInner(held(x.get(0), 40, t), t)))),
      (x, y, t) -> {
        Elem z = held(x.get(0), 40, t);
        Elem tanh = call(ScalarFn.TANH, geluInner(z, t));
        Elem inner =
            call(
                ScalarFn.MUL,
                literal(t, Math.sqrt(2 / Math.PI)),
                call(
                    ScalarFn.ADD,
                    literal(t, 1.0),
                    call(ScalarFn.MUL, literal(t, 3 * 0.044715), call(ScalarFn.MUL, z, z))));
        Elem steep =
            call(
                ScalarFn.MUL,
                call(ScalarFn.SUB, literal(t, 1.0), call(ScalarFn.MUL, tanh, tanh)),
                call(ScalarFn.MUL, z, inner));
        Elem sum = call(ScalarFn.ADD, call(ScalarFn.ADD, literal(t, 1.0), tanh), steep);
        return List.of(call(ScalarFn.MUL, literal(t, 0.5), sum));
      });

  /// `x` moved into `-limit .. limit`.
  private static Elem held(Elem x, double limit, DType t) {
    return call(ScalarFn.MIN, call(ScalarFn.MAX, x, literal(t, -limit)), literal(t, limit));
  }

  /// The share of a standard normal distribution below `x`.
  private static Elem normalDistribution(Elem x, DType t) {
    Elem erf = call(ScalarFn.ERF, call(ScalarFn.MUL, x, literal(t, Math.sqrt(0.5))));
    return call(ScalarFn.MUL, literal(t, 0.5), call(ScalarFn.ADD, literal(t, 1.0), erf));
  }

  private static Elem geluInner(Elem x, DType t) {
    Elem cube = call(ScalarFn.MUL, x, call(ScalarFn.MUL, x, x));
    return call(
        ScalarFn.MUL,
        literal(t, Math.sqrt(2 / Math.PI)),
        call(ScalarFn.ADD, x, call(ScalarFn.MUL, literal(t, 0.044715), cube)));
  }

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
      throw new OpException(
          mnemonic() + " of types that do not fit, " + operands + ": " + e.getMessage());
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
            : ScalarGradient.of(formula(x, t), arity, fn == null ? null : y, t);
    for (int i = 0; i < arity; i++) {
      Elem slope = slopes.get(i);
      out.add(
          slope == null || cotangent == null || !types.get(i).dtype().isFloat()
              ? null
              : scaled(b, cotangent, slope, values));
    }
    return out;
  }

  /// `cotangent * slope`. A slope of 0 gives 0 and a choice stays a choice, so that an infinite
  /// cotangent of the side not taken does no harm.
  private static Value scaled(GraphBuilder b, Value cotangent, Elem slope, List<Value> values) {
    return switch (slope) {
      case Elem.Literal one when one.real() == 1 -> cotangent;
      case Elem.Literal zero when zero.real() == 0 -> b.fill(cotangent.type(), 0);
      case Elem.Literal minus when minus.real() == -1 -> b.add(NEG, cotangent);
      case Elem.Call(ScalarFn fn, List<Elem> args) when fn == ScalarFn.NEG ->
          b.add(NEG, scaled(b, cotangent, args.getFirst(), values));
      case Elem.Call(ScalarFn fn, List<Elem> args)
          when fn == ScalarFn.DIV
              && args.getFirst() instanceof Elem.Literal one
              && one.real() == 1 ->
          b.add(DIV, cotangent, b.formula(args.get(1), values));
      case Elem.Call(ScalarFn fn, List<Elem> args) when fn == ScalarFn.SELECT ->
          b.add(
              SELECT,
              b.formula(args.get(0), values),
              scaled(b, cotangent, args.get(1), values),
              scaled(b, cotangent, args.get(2), values));
      default -> b.add(MUL, cotangent, b.formula(slope, values));
    };
  }
}
