package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.diagnostic.Spelling;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The faults that several parts of the elaborator find.
final class Faults {
  // More names than these are no help to read.
  private static final int FEW = 12;

  private Faults() {}

  static Fault of(DiagnosticCode code, Span span, String message) {
    return new Fault(Diagnostic.error(code, span, message));
  }

  /// The build, where there is one: what is known at compile time only has none.
  static Build graph(@Nullable Build build, Span span) {
    if (build == null) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.NOT_CONSTANT, span, "a run-time value where members are made")
              .note("sizes, hyper-parameters and members are known at compile time")
              .help("compute it in a `fn`, or make it a `param` or `state`"));
    }
    return build;
  }

  /// A fact that does not hold, with what its names stand for.
  static Fault violated(Expr fact, Scope scope, Span span) {
    Map<String, String> values = new LinkedHashMap<>();
    values(fact, scope, values);
    Diagnostic fault =
        Diagnostic.error(
                DiagnosticCode.FACT_VIOLATED, span, "`" + fact.span().text() + "` does not hold")
            .also(fact.span(), "demanded here");
    return new Fault(
        values.isEmpty()
            ? fault
            : fault.note(
                values.entrySet().stream()
                    .map(e -> "`" + e.getKey() + "` is " + e.getValue())
                    .collect(Collectors.joining(", "))));
  }

  private static void values(Expr expr, Scope scope, Map<String, String> values) {
    String name =
        switch (expr) {
          case Expr.Named named -> named.name().text();
          case Expr.Instance instance -> instance.name().text();
          default -> "";
        };
    if (scope.find(name) instanceof Datum.Size(Dim dim)) {
      values.put(name, dim.toString());
    }
    Children.of(expr).forEach(child -> values(child, scope, values));
  }

  static Fault shapes(String what, List<Value> operands, Span span) {
    Diagnostic fault =
        Diagnostic.error(
                DiagnosticCode.SHAPES_DIFFER,
                span,
                "`"
                    + what
                    + "` of shapes that do not go together: "
                    + operands.stream()
                        .map(v -> v.type().toString())
                        .collect(Collectors.joining(", ")))
            .note("a shape broadcasts only over one that it is the tail of");
    List<Dim> first = operands.getFirst().type().shape();
    List<Dim> last = operands.getLast().type().shape();
    for (int i = 0; i < first.size() && first.size() == last.size(); i++) {
      Optional<String> alike = twoNames(first.get(i), last.get(i));
      if (alike.isPresent()) {
        return new Fault(fault.help(alike.get()));
      }
    }
    return new Fault(
        fault.help("name the axes: `y[n, c, i] = x[n, c, i] + b[c]`, or use `rearrange`"));
  }

  /// What to do about two symbols that may well be meant as one.
  static Optional<String> twoNames(Dim a, Dim b) {
    return a.symbolName() == null || b.symbolName() == null || a.equals(b)
        ? Optional.empty()
        : Optional.of(
            "`%s` and `%s` are two sizes; where they are one, in a `state` too, call them alike"
                .formatted(a, b));
  }

  static Fault unknown(String what, String name, Span span, List<String> known) {
    Diagnostic fault =
        Diagnostic.error(
            DiagnosticCode.UNKNOWN_NAME, span, "no " + what + " is called `" + name + "`");
    return new Fault(
        Spelling.nearest(name, known)
            .map(near -> fault.help("did you mean `" + near + "`?"))
            .orElse(
                known.isEmpty() || known.size() > FEW
                    ? fault
                    : fault.note("there is: " + String.join(", ", known))));
  }
}
