package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The operators, on numbers of compile time and on tensors.
///
/// A number beside a tensor takes its dtype. A tensor broadcasts over another whose shape ends in
/// its own.
final class Arithmetic {
  private Arithmetic() {}

  /// `left operator right`.
  static Datum apply(
      BinaryOperator operator, Datum left, Datum right, Span span, @Nullable Build build) {
    if (left instanceof Datum.Tensor || right instanceof Datum.Tensor) {
      return tensors(operator, left, right, span, Faults.graph(build, span));
    }
    if (left instanceof Datum.Size(Dim a) && right instanceof Datum.Size(Dim b)) {
      return sizes(operator, a, b, span, build);
    }
    if (left instanceof Datum.Truth(boolean a) && right instanceof Datum.Truth(boolean b)) {
      return new Datum.Truth(
          switch (operator) {
            case AND -> a && b;
            case OR -> a || b;
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            default -> throw unfit(operator, left, right, span);
          });
    }
    if (left instanceof Datum.Text(String a) && right instanceof Datum.Text(String b)) {
      return switch (operator) {
        case EQUAL -> new Datum.Truth(a.equals(b));
        case NOT_EQUAL -> new Datum.Truth(!a.equals(b));
        default -> throw unfit(operator, left, right, span);
      };
    }
    Double a = real(left);
    Double b = real(right);
    if (a == null || b == null) {
      if (build != null && isNumber(left) && isNumber(right)) {
        // A size that is not known yet, beside a float: a number of run time.
        return tensors(operator, scalar(left, DType.F32, build), right, span, build);
      }
      throw unfit(operator, left, right, span);
    }
    return reals(operator, a, b);
  }

  private static boolean isNumber(Datum datum) {
    return datum instanceof Datum.Size || datum instanceof Datum.Real;
  }

  private static Fault unfit(BinaryOperator operator, Datum left, Datum right, Span span) {
    return Faults.of(
        DiagnosticCode.WRONG_KIND,
        span,
        "`" + operator.sign() + "` does not take " + left.kind() + " and " + right.kind());
  }

  /// The float that a number of compile time is; null for a size with symbols or no number.
  static @Nullable Double real(Datum datum) {
    return switch (datum) {
      case Datum.Real(double value) -> value;
      case Datum.Size(Dim dim) -> dim.isConstant() ? (Double) (double) dim.constant() : null;
      default -> null;
    };
  }

  private static Datum reals(BinaryOperator operator, double a, double b) {
    return switch (operator) {
      case ADD -> new Datum.Real(a + b);
      case SUBTRACT -> new Datum.Real(a - b);
      case MULTIPLY -> new Datum.Real(a * b);
      case DIVIDE -> new Datum.Real(a / b);
      case REMAINDER -> new Datum.Real(a - b * Math.floor(a / b));
      case POWER -> new Datum.Real(StrictMath.pow(a, b));
      case EQUAL -> new Datum.Truth(a == b);
      case NOT_EQUAL -> new Datum.Truth(a != b);
      case LESS -> new Datum.Truth(a < b);
      case LESS_EQUAL -> new Datum.Truth(a <= b);
      case GREATER -> new Datum.Truth(a > b);
      case GREATER_EQUAL -> new Datum.Truth(a >= b);
      case AND, OR -> throw new IllegalStateException("of floats");
    };
  }

  private static Datum sizes(
      BinaryOperator operator, Dim a, Dim b, Span span, @Nullable Build build) {
    Facts facts = build == null ? Facts.NONE : build.facts();
    try {
      return switch (operator) {
        case ADD -> new Datum.Size(a.plus(b));
        case SUBTRACT -> new Datum.Size(a.minus(b));
        case MULTIPLY -> new Datum.Size(a.times(b));
        case DIVIDE -> new Datum.Size(exact(a, b, span, facts));
        case REMAINDER -> new Datum.Size(facts.simplify(a.mod(nonzero(b, span))));
        case POWER -> new Datum.Size(power(a, b, span));
        case EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL ->
            new Datum.Truth(Sizes.compare(operator, a, b, facts, span));
        case AND, OR -> throw unfit(operator, new Datum.Size(a), new Datum.Size(b), span);
      };
    } catch (ArithmeticException e) {
      throw Faults.of(
          DiagnosticCode.SIZE_TOO_LARGE,
          span,
          "the size " + a + " " + operator.sign() + " " + b + " is beyond 2^63");
    }
  }

  private static Dim nonzero(Dim divisor, Span span) {
    if (divisor.is(0)) {
      throw Faults.of(DiagnosticCode.INEXACT_DIVISION, span, "a division by zero");
    }
    return divisor;
  }

  private static Dim exact(Dim a, Dim b, Span span, Facts facts) {
    Dim quotient = facts.simplify(a.floorDiv(nonzero(b, span)));
    if (!facts.equal(quotient.times(b), a)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.INEXACT_DIVISION,
                  span,
                  "`" + a + " / " + b + "` is not proved to be a whole number")
              .note("`/` of sizes and ints must be exact, so that no remainder is lost unseen")
              .help(
                  "write `floor(a / b)` or `ceil(a / b)`, state `where (a % b == 0)`, or make one"
                      + " side a float"));
    }
    return quotient;
  }

  private static Dim power(Dim base, Dim exponent, Span span) {
    if (!exponent.isConstant() || exponent.constant() < 0 || exponent.constant() > 62) {
      throw Faults.of(
          DiagnosticCode.NOT_CONSTANT,
          span,
          "the exponent of a size must be an int from 0 to 62, not " + exponent);
    }
    Dim power = Dim.ONE;
    for (long i = 0; i < exponent.constant(); i++) {
      power = power.times(base);
    }
    return power;
  }

  private static Datum tensors(
      BinaryOperator operator, Datum left, Datum right, Span span, Build build) {
    DType dtype =
        left instanceof Datum.Tensor(Value a)
            ? a.type().dtype()
            : ((Datum.Tensor) right).value().type().dtype();
    if (operator == BinaryOperator.POWER
        && left instanceof Datum.Real
        && right instanceof Datum.Tensor(Value exponent)
        && dtype.isInteger()) {
      // A float to the power of a count, as in `beta ** iteration`, is a float.
      Value real = build.builder().add(new Cast(DType.F32), exponent);
      return tensors(operator, left, new Datum.Tensor(real), span, build);
    }
    Value a = tensor(left, dtype, span, build);
    Value b = tensor(right, dtype, span, build);
    if (a.type().dtype() != b.type().dtype()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.DTYPES_DIFFER,
                  span,
                  "`" + operator.sign() + "` of " + a.type().dtype() + " and " + b.type().dtype())
              .note("the left side is " + a.type() + ", the right side " + b.type())
              .help("cast one of them, as in `" + a.type().dtype() + "(...)`"));
    }
    if (operator == BinaryOperator.POWER
        && right instanceof Datum.Size(Dim exponent)
        && exponent.is(2)) {
      return new Datum.Tensor(build.builder().add(Pointwise.MUL, a, a));
    }
    Pointwise row =
        switch (operator) {
          case ADD -> Pointwise.ADD;
          case SUBTRACT -> Pointwise.SUB;
          case MULTIPLY -> Pointwise.MUL;
          case DIVIDE -> Pointwise.DIV;
          case REMAINDER -> Pointwise.REM;
          case POWER -> Pointwise.POW;
          case EQUAL -> Pointwise.EQ;
          case NOT_EQUAL -> Pointwise.NE;
          case LESS -> Pointwise.LT;
          case LESS_EQUAL -> Pointwise.LE;
          case GREATER -> Pointwise.GT;
          case GREATER_EQUAL -> Pointwise.GE;
          case AND -> Pointwise.AND;
          case OR -> Pointwise.OR;
        };
    return pointwise(row, List.of(a, b), span, build);
  }

  /// Adds a row of the table over tensors that are broadcast to one shape first.
  static Datum pointwise(Pointwise row, List<Value> operands, Span span, Build build) {
    List<Dim> shape = List.of();
    for (Value operand : operands) {
      List<Dim> other = operand.type().shape();
      if (other.size() > shape.size()) {
        if (!isTail(shape, other, build)) {
          throw Faults.shapes(row.mnemonic(), operands, span);
        }
        shape = other;
      } else if (!isTail(other, shape, build)) {
        throw Faults.shapes(row.mnemonic(), operands, span);
      }
    }
    List<Dim> common = shape;
    List<Value> same = operands.stream().map(v -> broadcast(v, common, build)).toList();
    try {
      return new Datum.Tensor(build.builder().add(row, same, List.of(), "").result());
    } catch (OpException e) {
      throw Faults.of(DiagnosticCode.DTYPES_DIFFER, span, String.valueOf(e.getMessage()));
    }
  }

  private static boolean isTail(List<Dim> tail, List<Dim> of, Build build) {
    if (tail.size() > of.size()) {
      return false;
    }
    int skip = of.size() - tail.size();
    Facts facts = build.facts();
    return IntStream.range(0, tail.size())
        .allMatch(i -> facts.equal(tail.get(i), of.get(skip + i)));
  }

  /// `value` repeated to `shape`, of which its own shape is the tail.
  static Value broadcast(Value value, List<Dim> shape, Build build) {
    if (value.type().shape().equals(shape)) {
      return value;
    }
    Value same = value;
    int skip = shape.size() - value.type().rank();
    List<Dim> tail = shape.subList(skip, shape.size());
    if (!value.type().shape().equals(tail)) {
      // Equal by facts only: the same element order under the other names.
      same = build.builder().add(new dev.sinter.ir.op.Reshape(tail), value);
    }
    if (skip == 0) {
      return same;
    }
    List<Integer> places = IntStream.range(skip, shape.size()).boxed().toList();
    return build.builder().add(new Broadcast(places, shape), same);
  }

  /// A datum as a tensor: a number becomes a scalar of `dtype`.
  static Value tensor(Datum datum, DType dtype, Span span, Build build) {
    return switch (datum) {
      case Datum.Tensor(Value value) -> value;
      case Datum.Size size -> {
        yield scalar(size, dtype, build).value();
      }
      case Datum.Real(double value) -> {
        if (!dtype.isFloat()) {
          throw Faults.of(
              DiagnosticCode.DTYPES_DIFFER,
              span,
              "the float " + value + " beside a tensor of " + dtype);
        }
        yield scalar(datum, dtype, build).value();
      }
      case Datum.Truth(boolean value) ->
          build.builder().fill((Elem.Literal) Elem.literal(DType.BOOL, value ? 1L : 0L), List.of());
      default ->
          throw Faults.of(
              DiagnosticCode.WRONG_KIND, span, "expected a tensor, found " + datum.kind());
    };
  }

  private static Datum.Tensor scalar(Datum number, DType dtype, Build build) {
    if (number instanceof Datum.Size(Dim dim) && !dim.isConstant()) {
      return new Datum.Tensor(
          build.builder().add(new Comprehension(List.of(), new Elem.IndexValue(dtype, dim))));
    }
    TensorType type = new TensorType(dtype, List.of());
    double value =
        number instanceof Datum.Size(Dim dim)
            ? (double) dim.constant()
            : ((Datum.Real) number).value();
    Elem.Literal literal =
        number instanceof Datum.Size(Dim dim)
            ? (Elem.Literal) Elem.literal(dtype, dim.constant())
            : (Elem.Literal) Elem.literal(dtype, value);
    return new Datum.Tensor(build.builder().fill(literal, type.shape()));
  }

  /// `-x` and `not x`.
  static Datum negate(Datum operand, Span span, @Nullable Build build) {
    return switch (operand) {
      case Datum.Size(Dim dim) -> new Datum.Size(dim.times(-1));
      case Datum.Real(double value) -> new Datum.Real(-value);
      case Datum.Tensor(Value value) ->
          pointwise(Pointwise.NEG, List.of(value), span, Faults.graph(build, span));
      default ->
          throw Faults.of(DiagnosticCode.WRONG_KIND, span, "`-` does not take " + operand.kind());
    };
  }

  /// `not x`: of bools, and bit by bit of integers.
  static Datum not(Datum operand, Span span, @Nullable Build build) {
    return switch (operand) {
      case Datum.Truth(boolean value) -> new Datum.Truth(!value);
      case Datum.Tensor(Value value) when !value.type().dtype().isFloat() ->
          pointwise(Pointwise.NOT, List.of(value), span, Faults.graph(build, span));
      default ->
          throw Faults.of(DiagnosticCode.WRONG_KIND, span, "`not` does not take " + operand.kind());
    };
  }
}
