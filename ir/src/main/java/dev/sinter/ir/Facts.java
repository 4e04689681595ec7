package dev.sinter.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// What is known of the symbols in sizes, and what follows from it.
///
/// A symbol of a size is at least 1 unless a fact says otherwise; one that data tells (`?n`) may be
/// 0; an axis symbol (`%0`) lies in `0 .. extent - 1` of its [Axis] where one is given.
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

  /// These and `fact`.
  public Facts and(Fact fact) {
    List<Fact> more = new ArrayList<>(facts);
    more.add(fact);
    return new Facts(more, axes);
  }

  /// These and `more`.
  public Facts and(List<Fact> more) {
    List<Fact> all = new ArrayList<>(facts);
    all.addAll(more);
    return new Facts(all, axes);
  }

  /// These with more axes in scope.
  public Facts over(List<Axis> more) {
    List<Axis> all = new ArrayList<>(axes);
    all.addAll(more);
    return new Facts(facts, all);
  }

  /// What decides many questions on these facts; the methods below ask a new one each.
  public Prover prover() {
    return new Prover(this);
  }

  /// Whether `fact` follows.
  public boolean proves(Fact fact) {
    return prover().proves(fact);
  }

  /// Whether `left == right` follows.
  public boolean equal(Dim left, Dim right) {
    return left.equals(right) || prover().equal(left, right);
  }

  /// Whether `left >= right` follows.
  public boolean atLeast(Dim left, Dim right) {
    return prover().atLeast(left, right);
  }

  /// An expression of the same value that is simpler where the facts allow it.
  public Dim simplify(Dim dim) {
    return prover().simplify(dim);
  }

  /// A number that `dim` is never below, if one is found.
  public OptionalLong lower(Dim dim) {
    return prover().lower(dim);
  }

  /// A number that `dim` is never above, if one is found.
  public OptionalLong upper(Dim dim) {
    return prover().upper(dim);
  }

  /// The least value that `symbol` may have: 1 for a size unless facts give it a constant bound
  /// below that, 0 for an axis and for a size that data tells.
  public long least(String symbol) {
    if (symbol.startsWith("%") || RuntimeSize.isName(symbol)) {
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
