package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.UnaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.ArrayList;
import java.util.List;

/// Values of literals, without any names.
final class Literals {
  private Literals() {}

  static Datum value(Expr expr) {
    return switch (expr) {
      case Expr.Numeral number ->
          number.isInteger()
              ? new Datum.Size(Dim.of(number.value().longValue()))
              : new Datum.Real(number.value().doubleValue());
      case Expr.Text text -> new Datum.Text(text.literal().value());
      case Expr.Truth truth -> new Datum.Truth(truth.value());
      case Expr.Unary unary when unary.operator() == UnaryOperator.NEGATE ->
          Arithmetic.negate(value(unary.operand()), unary.span(), null);
      case Expr.ListOf list -> {
        List<Datum> elements = new ArrayList<>();
        list.values().forEach(v -> elements.add(value(v)));
        yield new Datum.Many(elements);
      }
      default -> throw Faults.of(DiagnosticCode.WRONG_KIND, expr.span(), "expected a literal");
    };
  }
}
