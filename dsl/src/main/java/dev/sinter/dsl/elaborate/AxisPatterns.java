package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Axes;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Functions with axis patterns: `einsum{..s i, o i -> ..s o}`, `rearrange{n (h d) -> n h d}`, and
/// reductions such as `mean{n c h w -> n c}`.
final class AxisPatterns {
  private static final Set<String> REDUCTIONS =
      Set.of("sum", "mean", "max", "min", "prod", "variance", "norm", "any", "all", "logsumexp");

  /// The function that `name{axes}` is.
  Datum stage(Expr.WithAxes with) {
    String name = with.name().text();
    Builtin builtin =
        switch (name) {
          case "einsum" -> site -> new Datum.Tensor(Einsum.einsum(with, site));
          case "rearrange" -> site -> new Datum.Tensor(Rearrange.rearrange(with, site));
          case "repeat" -> site -> new Datum.Tensor(Repeat.repeat(with, site));
          default -> {
            if (!REDUCTIONS.contains(name)) {
              List<String> known = new ArrayList<>(REDUCTIONS);
              known.add("einsum");
              known.add("rearrange");
              known.add("repeat");
              throw Faults.unknown("function with axes", name, with.name().span(), known);
            }
            yield site -> new Datum.Tensor(AxisReductions.reduction(name, with, site));
          }
        };
    return new Datum.Function(new Callable.Builtin(name, builtin), List.of());
  }

  /// The axes of a pattern by name, where each stands in the operand; `..s` is spread to `..s.0`
  /// and so on, a group is a list.
  static List<List<String>> spread(
      List<Axes.Term> terms, int rank, Map<String, Integer> rests, Span span) {
    List<List<String>> out = new ArrayList<>();
    int fixed = (int) terms.stream().filter(t -> !(t instanceof Axes.Term.Rest)).count();
    for (Axes.Term term : terms) {
      switch (term) {
        case Axes.Term.Single single -> out.add(List.of(single.name().text()));
        case Axes.Term.Size size -> out.add(List.of("=" + size.size()));
        case Axes.Term.Group group -> {
          List<String> names = new ArrayList<>();
          for (Axes.Term inner : group.terms()) {
            switch (inner) {
              case Axes.Term.Single single -> names.add(single.name().text());
              case Axes.Term.Size size -> names.add("=" + size.size());
              default ->
                  throw Faults.of(
                      DiagnosticCode.BAD_AXES, inner.span(), "only names stand in a group");
            }
          }
          out.add(names);
        }
        case Axes.Term.Rest rest -> {
          int count = rests.getOrDefault(rest.name().text(), rank < 0 ? 0 : rank - fixed);
          rests.put(rest.name().text(), count);
          for (int i = 0; i < count; i++) {
            out.add(List.of(".." + rest.name().text() + "." + i));
          }
        }
      }
    }
    if (rank >= 0 && out.size() != rank) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER,
          span,
          "the pattern has " + out.size() + " axes, the operand " + rank);
    }
    return out;
  }
}
