package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reckons with [Item]s: what is known stays a number, the rest becomes elements of one type.
final class ItemArithmetic {
  private final Build build;
  private final NotationAxes axes;
  private final List<Value> operands = new ArrayList<>();

  ItemArithmetic(Build build, NotationAxes axes) {
    this.build = build;
    this.axes = axes;
  }

  /// The tensors that elements are read from so far.
  List<Value> operands() {
    return operands;
  }

  /// The number of a tensor among the operands.
  int operand(Value value) {
    Value local = build.builder().use(value);
    int at = operands.indexOf(local);
    if (at >= 0) {
      return at;
    }
    operands.add(local);
    return operands.size() - 1;
  }

  /// The operands' types.
  List<TensorType> types() {
    return operands.stream().map(Value::type).toList();
  }

  /// A value from outside of index notation.
  Item scalar(Datum datum, Span span) {
    return switch (datum) {
      case Datum.Size(Dim dim) -> new Item.Whole(dim);
      case Datum.Real(double value) -> new Item.Real(value);
      case Datum.Truth(boolean value) ->
          new Item.Element(Elem.literal(DType.BOOL, value ? 1L : 0L));
      case Datum.Tensor(Value value) when value.type().rank() == 0 ->
          new Item.Element(Elem.read(operand(value), List.of()));
      case Datum.Tensor(Value value) ->
          throw new Fault(
              Diagnostic.error(
                      DiagnosticCode.RANKS_DIFFER,
                      span,
                      "a tensor " + value.type() + " where an element is wanted")
                  .help("give it an index for each of its axes"));
      default ->
          throw Faults.of(DiagnosticCode.WRONG_KIND, span, datum.kind() + " in index notation");
    };
  }

  /// Items on both sides of an operator.
  Item apply(BinaryOperator operator, Item left, Item right, Span span) {
    if (left instanceof Item.Whole(Dim a) && right instanceof Item.Whole(Dim b)) {
      if (operator.compares()) {
        return compared(operator, a, b);
      }
      Datum size = Arithmetic.apply(operator, new Datum.Size(a), new Datum.Size(b), span, build);
      return new Item.Whole(((Datum.Size) size).dim());
    }
    if (!(left instanceof Item.Element) && !(right instanceof Item.Element)) {
      if (left.isSymbolic() || right.isSymbolic()) {
        return new Item.Element(
            call(operator, elem(left, DType.F32, span), elem(right, DType.F32, span), span));
      }
      return scalar(Arithmetic.apply(operator, left.datum(), right.datum(), span, build), span);
    }
    DType dtype =
        (left instanceof Item.Element(Elem a) ? a : ((Item.Element) right).elem()).dtype(types());
    return new Item.Element(
        call(operator, elem(left, dtype, span), elem(right, dtype, span), span));
  }

  /// Whether two indices compare: decided if it can be, so that guards disappear; else an element.
  private Item compared(BinaryOperator operator, Dim a, Dim b) {
    Facts facts = axes.facts();
    return new Item.Element(
        Sizes.decide(operator, a, b, facts)
            .map(known -> Elem.literal(DType.BOOL, known ? 1L : 0L))
            .orElseGet(() ->
                call(
                    operator,
                    new Elem.IndexValue(DType.I32, a),
                    new Elem.IndexValue(DType.I32, b),
                    Span.NONE)));
  }

  private Elem call(BinaryOperator operator, Elem a, Elem b, Span span) {
    DType left = a.dtype(types());
    DType right = b.dtype(types());
    if (left != right) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.DTYPES_DIFFER,
                  span,
                  "`" + operator.sign() + "` of " + left + " and " + right)
              .help("cast one of them, as in `" + left + "(...)`"));
    }
    if (operator == BinaryOperator.POWER
        && b instanceof Elem.Literal literal
        && literal.real() == 2) {
      return Elem.call(ScalarFn.MUL, a, a);
    }
    return Elem.call(
        switch (operator) {
          case ADD -> ScalarFn.ADD;
          case SUBTRACT -> ScalarFn.SUB;
          case MULTIPLY -> ScalarFn.MUL;
          case DIVIDE -> ScalarFn.DIV;
          case REMAINDER -> ScalarFn.REM;
          case POWER -> ScalarFn.POW;
          case EQUAL -> ScalarFn.EQ;
          case NOT_EQUAL -> ScalarFn.NE;
          case LESS -> ScalarFn.LT;
          case LESS_EQUAL -> ScalarFn.LE;
          case GREATER -> ScalarFn.GT;
          case GREATER_EQUAL -> ScalarFn.GE;
          case AND -> ScalarFn.AND;
          case OR -> ScalarFn.OR;
        },
        a,
        b);
  }

  /// The number with the other sign.
  Item negated(Item item) {
    return switch (item) {
      case Item.Whole(Dim dim) -> new Item.Whole(dim.times(-1));
      case Item.Real(double value) -> new Item.Real(-value);
      case Item.Element(Elem elem) -> new Item.Element(Elem.call(ScalarFn.NEG, elem));
    };
  }

  /// An item as an element; a number takes the type of what is beside it.
  Elem elem(Item item, @Nullable DType beside, Span span) {
    DType dtype = beside == null ? DType.F32 : beside;
    return switch (item) {
      case Item.Element(Elem elem) -> elem;
      case Item.Whole(Dim dim) ->
          dim.isConstant()
              ? Elem.literal(dtype, dim.constant())
              : new Elem.IndexValue(beside == null ? DType.I32 : dtype, dim);
      case Item.Real(double value) -> {
        if (!dtype.isFloat()) {
          throw Faults.of(
              DiagnosticCode.DTYPES_DIFFER, span, "the float " + value + " beside " + dtype);
        }
        yield Elem.literal(dtype, value);
      }
    };
  }
}
