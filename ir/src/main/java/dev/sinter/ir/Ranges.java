package dev.sinter.ir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Constant bounds of expressions, by interval arithmetic from bounds of the symbols.
final class Ranges {
  private final Map<String, Interval> symbols = new HashMap<>();
  private final Facts facts;

  /// The bounds that symbols have by themselves.
  Ranges(Facts facts) {
    this.facts = facts;
  }

  /// Sets the bounds of a symbol of which nothing else is known.
  void set(String symbol, Interval bound) {
    symbols.put(symbol, bound);
  }

  /// Takes over the bounds of the axes.
  void learnAxes(List<Axis> axes) {
    for (Axis axis : axes) {
      Interval extent = of(axis.extent());
      long last = extent.high() == Interval.ABOVE ? Interval.ABOVE : extent.high() - 1;
      narrow(axis.symbol(), new Interval(0, last));
    }
  }

  /// Takes over how `relation >= 0` bounds each symbol in it by the ranges of the others.
  void learn(Dim relation) {
    for (Dim.Term term : relation.terms()) {
      if (term.atoms().size() != 1
          || !(term.atoms().getFirst() instanceof Atom.Symbol(String name))) {
        continue;
      }
      long c = term.coefficient();
      // c * symbol >= -rest >= -high
      long high = of(relation.minus(term.dim())).high();
      if (high != Interval.ABOVE) {
        narrow(
            name,
            c > 0
                ? new Interval(Math.ceilDiv(-high, c), Interval.ABOVE)
                : new Interval(Interval.BELOW, Math.floorDiv(high, -c)));
      }
    }
  }

  private void narrow(String symbol, Interval bound) {
    symbols.put(symbol, symbol(symbol).and(bound));
  }

  Interval symbol(String name) {
    Interval known = symbols.get(name);
    return known != null ? known : new Interval(facts.least(name), Interval.ABOVE);
  }

  Interval of(Dim dim) {
    Interval sum = Interval.of(0);
    for (Dim.Term term : dim.terms()) {
      Interval product = Interval.of(term.coefficient());
      for (Atom atom : term.atoms()) {
        product = product.times(of(atom));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  Interval of(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name) -> symbol(name);
      case Atom.FloorQuotient(Dim a, Dim b) -> of(a).floorDiv(of(b));
      case Atom.Max(Dim a, Dim b) -> of(a).max(of(b));
      case Atom.Min(Dim a, Dim b) -> of(a).min(of(b));
    };
  }
}
