package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Atom;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import java.util.Optional;

/// Comparisons of sizes, decided by what is known of their symbols.
final class Sizes {
  private Sizes() {}

  /// Whether the comparison holds; a fault where that cannot be decided.
  static boolean compare(BinaryOperator operator, Dim a, Dim b, Facts facts, Span span) {
    return decide(operator, a, b, facts)
        .orElseThrow(() ->
            new Fault(
                Diagnostic.error(
                        DiagnosticCode.UNDECIDED_SIZE,
                        span,
                        "whether `"
                            + a
                            + " "
                            + operator.sign()
                            + " "
                            + b
                            + "` is not known at compile time")
                    .help("state what is known of these sizes with `where (...)`")));
  }

  /// What is proved of the comparison: true, false, or nothing.
  static Optional<Boolean> decide(BinaryOperator operator, Dim a, Dim b, Facts facts) {
    return switch (operator) {
      case EQUAL -> equal(a, b, facts);
      case NOT_EQUAL -> equal(a, b, facts).map(e -> !e);
      case GREATER_EQUAL -> atLeast(a, b, facts);
      case LESS_EQUAL -> atLeast(b, a, facts);
      case LESS -> atLeast(a, b, facts).map(e -> !e);
      case GREATER -> atLeast(b, a, facts).map(e -> !e);
      default -> throw new IllegalArgumentException(operator + " does not compare");
    };
  }

  private static Optional<Boolean> equal(Dim a, Dim b, Facts facts) {
    if (facts.equal(a, b)) {
      return Optional.of(true);
    }
    if (facts.atLeast(a, b.plus(1)) || facts.atLeast(b, a.plus(1))) {
      return Optional.of(false);
    }
    return Optional.empty();
  }

  private static Optional<Boolean> atLeast(Dim a, Dim b, Facts facts) {
    if (facts.atLeast(a, b)) {
      return Optional.of(true);
    }
    return facts.atLeast(b, a.plus(1)) ? Optional.of(false) : Optional.empty();
  }

  /// A comparison as a fact to assume; empty where facts have no such form.
  static Optional<Facts.Fact> fact(BinaryOperator operator, Dim a, Dim b) {
    return switch (operator) {
      case EQUAL -> Optional.of(remainder(a, b));
      case GREATER_EQUAL -> Optional.of(new Facts.Fact.AtLeast(a, b));
      case LESS_EQUAL -> Optional.of(new Facts.Fact.AtLeast(b, a));
      case GREATER -> Optional.of(new Facts.Fact.AtLeast(a, b.plus(1)));
      case LESS -> Optional.of(new Facts.Fact.AtLeast(b, a.plus(1)));
      default -> Optional.empty();
    };
  }

  /// `a mod d == 0`, which reads `a - d * floor(a / d) == 0` or is a multiple of that, as a
  /// divisibility.
  private static Facts.Fact remainder(Dim a, Dim b) {
    if (b.is(0)) {
      for (Dim.Term term : a.terms()) {
        List<Atom> quotients =
            term.atoms().stream().filter(x -> x instanceof Atom.FloorQuotient).toList();
        if (quotients.size() == 1
            && quotients.getFirst() instanceof Atom.FloorQuotient(Dim n, Dim d)
            && (a.equals(n.mod(d))
                || (d.isConstant()
                    && a.equals(n.mod(d).times(-term.coefficient() / d.constant()))))) {
          return new Facts.Fact.Divides(d, n);
        }
      }
    }
    return new Facts.Fact.Equal(a, b);
  }
}
