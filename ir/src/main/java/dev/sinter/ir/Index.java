package dev.sinter.ir;

import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/// Where along one axis an element is read.
public sealed interface Index {
  /// An expression over iteration axes and sizes.
  record At(Dim expr) implements Index {
    @Override
    public String toString() {
      return expr.toString();
    }
  }

  /// The value of an integer element, as a gather has it; the op that reads guards its range.
  record Computed(Elem value) implements Index {
    @Override
    public String toString() {
      return "(" + value + ")";
    }
  }

  /// Indices from expressions.
  static List<Index> of(List<Dim> exprs) {
    return exprs.stream().<Index>map(At::new).toList();
  }

  /// The index with axis symbols replaced.
  default Index substitute(Map<String, Dim> bindings) {
    return switch (this) {
      case At(Dim expr) -> new At(expr.substitute(bindings));
      case Computed(Elem value) -> new Computed(value.substitute(bindings));
    };
  }

  /// The index under [Elem#renamed].
  default Index renamed(AxisNames fresh, Map<String, Dim> bindings) {
    return switch (this) {
      case At(Dim expr) -> new At(expr.substitute(bindings));
      case Computed(Elem value) -> new Computed(value.renamed(fresh, bindings));
    };
  }

  /// The index under [Elem#renumbered].
  default Index renumbered(IntUnaryOperator operands) {
    return switch (this) {
      case At at -> at;
      case Computed(Elem value) -> new Computed(value.renumbered(operands));
    };
  }
}
