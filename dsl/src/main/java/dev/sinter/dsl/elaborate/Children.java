package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Subscript;
import java.util.ArrayList;
import java.util.List;

/// The expressions right below an expression, for searches; bodies of loops and blocks are left
/// out.
final class Children {
  private Children() {}

  static List<Expr> of(Expr expr) {
    return switch (expr) {
      case Expr.If e -> List.of(e.condition(), e.then(), e.otherwise());
      case Expr.Pipe e -> e.stages();
      case Expr.Coerce e -> List.of(e.value());
      case Expr.Chain e -> {
        List<Expr> parts = new ArrayList<>();
        parts.add(e.first());
        e.rest().forEach(link -> parts.add(link.operand()));
        yield parts;
      }
      case Expr.Unary e -> List.of(e.operand());
      case Expr.Call e -> {
        List<Expr> parts = new ArrayList<>();
        parts.add(e.callee());
        parts.addAll(e.arguments().stream().map(Argument::value).toList());
        yield parts;
      }
      case Expr.Select e -> List.of(e.value());
      case Expr.Index e -> {
        List<Expr> parts = new ArrayList<>();
        parts.add(e.value());
        for (Subscript subscript : e.subscripts()) {
          switch (subscript) {
            case Subscript.At at -> parts.add(at.place());
            case Subscript.Slice slice -> {
              parts.add(slice.from());
              parts.add(slice.to());
            }
            case Subscript.All whole -> {}
            case Subscript.Rest rest -> {}
          }
        }
        yield parts;
      }
      case Expr.Parens e -> List.of(e.value());
      case Expr.Tuple e -> e.values();
      case Expr.ListOf e -> e.values();
      case Expr.Comprehension e -> List.of(e.value());
      case Expr.Instance e ->
          e.arguments() == null ? List.of() : e.arguments().stream().map(Argument::value).toList();
      case Expr.Block e -> List.of();
      case Expr.Scan e -> List.of();
      case Expr.While e -> List.of();
      case Expr.Numeral e -> List.of();
      case Expr.Text e -> List.of();
      case Expr.Truth e -> List.of();
      case Expr.DtypeName e -> List.of();
      case Expr.Named e -> List.of();
      case Expr.WithAxes e -> List.of();
    };
  }
}
