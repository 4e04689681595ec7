package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Functions of numbers that are known at compile time.
final class Numbers {
  private Numbers() {}

  /// The value of a row of the table at compile time; null where it has none.
  static @Nullable Datum apply(Pointwise row, List<Datum> args) {
    Double a = Arithmetic.real(args.getFirst());
    if (a == null) {
      return null;
    }
    if (args.size() == 2) {
      Double b = Arithmetic.real(args.get(1));
      return b == null || row != Pointwise.POW ? null : new Datum.Real(StrictMath.pow(a, b));
    }
    return switch (row) {
      case SQRT -> new Datum.Real(StrictMath.sqrt(a));
      case EXP -> new Datum.Real(StrictMath.exp(a));
      case LOG -> new Datum.Real(StrictMath.log(a));
      case SIN -> new Datum.Real(StrictMath.sin(a));
      case COS -> new Datum.Real(StrictMath.cos(a));
      case TANH -> new Datum.Real(StrictMath.tanh(a));
      case ROUND -> new Datum.Size(Dim.of((long) StrictMath.rint(a)));
      case ABS ->
          args.getFirst() instanceof Datum.Size(Dim dim)
              ? new Datum.Size(Dim.of(Math.abs(dim.constant())))
              : new Datum.Real(Math.abs(a));
      default -> null;
    };
  }

  /// `floor(a / b)` or `ceil(a / b)` of sizes, whose division need not be exact; null if the call
  /// is not that.
  static @Nullable Datum quotient(
      Expr.Call call, Scope scope, @Nullable Build build, Expressions expressions) {
    Quotient quotient = quotient(call, scope);
    return quotient != null
            && expressions.eval(quotient.dividend(), scope, build) instanceof Datum.Size(Dim a)
            && expressions.eval(quotient.divisor(), scope, build) instanceof Datum.Size(Dim b)
        ? new Datum.Size(quotient.of(a, b))
        : null;
  }

  /// `floor(a / b)` or `ceil(a / b)`.
  ///
  /// @param up whether it is rounded up
  record Quotient(Expr dividend, Expr divisor, boolean up, Span span) {
    Dim of(Dim a, Dim b) {
      if (b.is(0)) {
        throw Faults.of(DiagnosticCode.INEXACT_DIVISION, span, "a division by zero");
      }
      return up ? a.ceilDiv(b) : a.floorDiv(b);
    }
  }

  /// The call as a rounded quotient; null if it is something else.
  static @Nullable Quotient quotient(Expr.Call call, Scope scope) {
    if (!(call.callee() instanceof Expr.Named named)
        || scope.find(named.name().text()) != null
        || call.arguments().size() != 1
        || !(unwrapped(call.arguments().getFirst().value()) instanceof Expr.Chain chain)
        || chain.rest().getLast().operator() != BinaryOperator.DIVIDE) {
      return null;
    }
    boolean up = named.name().text().equals("ceil");
    if (!up && !named.name().text().equals("floor")) {
      return null;
    }
    Expr.Link last = chain.rest().getLast();
    Expr first =
        chain.rest().size() == 1
            ? chain.first()
            : new Expr.Chain(
                chain.first(), chain.rest().subList(0, chain.rest().size() - 1), chain.span());
    return new Quotient(first, last.operand(), up, call.span());
  }

  private static Expr unwrapped(Expr expr) {
    return expr instanceof Expr.Parens parens ? unwrapped(parens.value()) : expr;
  }
}
