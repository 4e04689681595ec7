package dev.sinter.dsl.write;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Fill;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/// Functions of elements: operators, and calls by name.
///
/// A number, or a tensor of the last axes only, stands beside another operand as it is; the
/// language repeats it.
final class PointwiseText {
  private final BodyWriter body;

  PointwiseText(BodyWriter body) {
    this.body = body;
  }

  /// The only element of a scalar.
  static Elem.Literal number(Tensor scalar) {
    return scalar.dtype().isFloat()
        ? (Elem.Literal) Elem.literal(scalar.dtype(), scalar.getDouble(0))
        : (Elem.Literal) Elem.literal(scalar.dtype(), scalar.getLong(0));
  }

  /// A tensor that repeats a number, with its type.
  static Piece filled(Fill fill, Node node, SizeText sizes) {
    Elem.Literal literal = new Elem.Literal(fill.dtype(), fill.real(), fill.integer());
    if (fill.shape().isEmpty()) {
      return NumberText.cast(literal);
    }
    String number = NumberText.of(literal).text();
    String text =
        switch (number) {
          case "0", "0.0" -> "zeros()";
          case "1", "1.0" -> "ones()";
          default -> "fill(" + number + ")";
        };
    String type = fill.dtype() + "[" + sizes.list(fill.shape()) + "]";
    return new Piece(text, Piece.POSTFIX, type, 0);
  }

  /// The number that every element of a value is, if it is known.
  static Optional<Elem.Literal> literal(Value value) {
    Node node = value.definer();
    return node == null
        ? Optional.empty()
        : switch (node.op()) {
          case Fill fill ->
              Optional.of(new Elem.Literal(fill.dtype(), fill.real(), fill.integer()));
          case Constant(Tensor tensor) when tensor.rank() == 0 -> Optional.of(number(tensor));
          case Broadcast broadcast -> literal(node.operand(0));
          default -> Optional.empty();
        };
  }

  /// What a value repeats along new first axes; itself, if it is nothing such.
  private static Value narrow(Value value) {
    Node node = value.definer();
    return node != null && node.op() instanceof Broadcast op && Ops.isTail(op)
        ? narrow(node.operand(0))
        : value;
  }

  Piece piece(Pointwise row, Node node) {
    List<Operand> operands = operands(row, node);
    return switch (row) {
      case ADD -> binary(" + ", Piece.SUM, Piece.SUM, Piece.PRODUCT, operands);
      case SUB -> binary(" - ", Piece.SUM, Piece.SUM, Piece.PRODUCT, operands);
      case MUL ->
          node.operand(0) == node.operand(1) && literal(node.operand(0)).isEmpty()
              ? new Piece(operands.getFirst().at(Piece.POSTFIX) + " ** 2", Piece.POWER)
              : binary(" * ", Piece.PRODUCT, Piece.PRODUCT, Piece.UNARY, operands);
      case DIV -> binary(" / ", Piece.PRODUCT, Piece.PRODUCT, Piece.UNARY, operands);
      case REM -> binary(" % ", Piece.PRODUCT, Piece.PRODUCT, Piece.UNARY, operands);
      case POW -> power(node, operands);
      case EQ -> compare(" == ", operands);
      case NE -> compare(" != ", operands);
      case LT -> compare(" < ", operands);
      case LE -> compare(" <= ", operands);
      case GT -> compare(" > ", operands);
      case GE -> compare(" >= ", operands);
      case AND -> binary(" and ", Piece.AND, Piece.AND, Piece.NOT, operands);
      case OR -> binary(" or ", Piece.OR, Piece.OR, Piece.AND, operands);
      case NOT -> new Piece("not " + operands.getFirst().at(Piece.NOT), Piece.NOT);
      case NEG -> new Piece("-" + operands.getFirst().at(Piece.UNARY), Piece.UNARY);
      default -> {
        List<String> parts = operands.stream().map(o -> o.at(Piece.ANY)).toList();
        String name = row.name().toLowerCase(Locale.ROOT);
        yield Piece.of(name + "(" + String.join(", ", parts) + ")");
      }
    };
  }

  /// An operand, written as its place asks for.
  private interface Operand {
    String at(int level);
  }

  private List<Operand> operands(Pointwise row, Node node) {
    List<Value> values = node.operands();
    List<Dim> shape = node.result().type().shape();
    // The first operand whose text has the result's whole shape; else the first that can have it.
    int whole =
        IntStream.range(0, values.size())
            .filter(i -> literal(values.get(i)).isEmpty())
            .filter(i -> narrow(values.get(i)).type().shape().equals(shape))
            .findFirst()
            .orElseGet(() ->
                IntStream.range(0, values.size())
                    .filter(i -> literal(values.get(i)).isEmpty())
                    .findFirst()
                    .orElse(values.size() - 1));
    int first = row == Pointwise.SELECT ? 1 : 0;
    boolean told =
        IntStream.range(first, values.size())
            .anyMatch(i -> i == whole || literal(values.get(i)).isEmpty());
    List<Operand> out = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Value value = values.get(i);
      Optional<Elem.Literal> literal = literal(value);
      boolean bare = i != whole && (told || i != first);
      if (i == whole && narrow(value).type().shape().equals(shape) && literal.isEmpty()) {
        out.add(level -> body.text(narrow(value), level));
      } else if (i == whole) {
        out.add(level -> body.text(value, level));
      } else if (literal.isPresent()) {
        Piece number = bare ? NumberText.of(literal.get()) : NumberText.cast(literal.get());
        out.add(number::at);
      } else {
        out.add(level -> body.text(narrow(value), level));
      }
    }
    return out;
  }

  private static Piece binary(String sign, int level, int left, int right, List<Operand> of) {
    return new Piece(of.get(0).at(left) + sign + of.get(1).at(right), level);
  }

  private static Piece compare(String sign, List<Operand> of) {
    return binary(sign, Piece.COMPARE, Piece.SUM, Piece.SUM, of);
  }

  /// The square is a product in the language.
  private static Piece power(Node node, List<Operand> of) {
    Optional<Elem.Literal> exponent = literal(node.operand(1));
    String right =
        literal(node.operand(0)).isEmpty()
                && exponent
                    .filter(e -> e.dtype().isFloat() ? e.real() == 2 : e.integer() == 2)
                    .isPresent()
            ? "2"
            : of.get(1).at(Piece.UNARY);
    return new Piece(of.get(0).at(Piece.POSTFIX) + " ** " + right, Piece.POWER);
  }
}
