package dev.sinter.ir;

import java.util.List;

/// What is known of the symbols in sizes, and what follows from it.
///
/// A symbol of a size is at least 1 unless a fact says otherwise; an axis symbol (`%0`) lies in `0
/// .. extent - 1` of its [Axis] where one is given.
///
/// @param facts relations that hold
/// @param axes axes in scope
public record Facts(List<Fact> facts, List<Axis> axes) {
  /// Nothing is known beyond the rule for symbols.
  public static final Facts NONE = new Facts(List.of(), List.of());

  public Facts {
    facts = List.copyOf(facts);
    axes = List.copyOf(axes);
  }

  /// The least value that `symbol` may have: 1 for a size unless facts give it a constant bound
  /// below that, 0 for an axis.
  public long least(String symbol) {
    if (symbol.startsWith("%")) {
      return 0;
    }
    Dim dim = Dim.symbol(symbol);
    long least = 1;
    for (Fact fact : facts) {
      if (fact instanceof Fact.AtLeast(Dim left, Dim right)
          && left.equals(dim)
          && right.isConstant()) {
        least = Math.min(least, right.constant());
      }
    }
    return least;
  }

  /// A relation that holds.
  public sealed interface Fact {
    /// `left >= right`.
    record AtLeast(Dim left, Dim right) implements Fact {}

    /// `left == right`.
    record Equal(Dim left, Dim right) implements Fact {}

    /// `dim` is a multiple of the positive `divisor`.
    record Divides(Dim divisor, Dim dim) implements Fact {}
  }
}
