package dev.sinter.ir;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// The most that sizes can be which depend on data, as expressions over sizes that are known before
/// a run.
///
/// @param bounds for each symbol that data tells the most that it can be, each after those that its
///   bound mentions
public record SizeBounds(Map<String, Dim> bounds) {
  public SizeBounds {
    bounds = Collections.unmodifiableMap(new LinkedHashMap<>(bounds));
  }

  /// The bounds that the nodes of `region` tell, and those in regions inside.
  public static SizeBounds of(Region region) {
    Map<String, Dim> bounds = new LinkedHashMap<>();
    collect(region, bounds);
    return new SizeBounds(bounds);
  }

  private static void collect(Region region, Map<String, Dim> bounds) {
    for (Node node : region.nodes()) {
      if (node.op() instanceof RuntimeSize(String symbol, Dim bound)) {
        bounds.put(symbol, bound);
      }
      node.regions().forEach(inner -> collect(inner, bounds));
    }
  }

  /// The most that `dim` can be; itself where it does not depend on data.
  public Dim most(Dim dim) {
    return RuntimeSize.isIn(dim) ? range(dim).high() : dim;
  }

  /// What an expression lies between.
  private record Range(Dim low, Dim high) {
    static final Range ZERO = of(Dim.ZERO);

    static Range of(Dim dim) {
      return new Range(dim, dim);
    }

    Range plus(Range other) {
      return new Range(low.plus(other.low), high.plus(other.high));
    }

    Range times(Range other) {
      if (Facts.NONE.atLeast(low, Dim.ZERO) && Facts.NONE.atLeast(other.low, Dim.ZERO)) {
        return new Range(low.times(other.low), high.times(other.high));
      }
      Dim a = low.times(other.low);
      Dim b = low.times(other.high);
      Dim c = high.times(other.low);
      Dim d = high.times(other.high);
      return new Range(a.min(b).min(c).min(d), a.max(b).max(c).max(d));
    }

    Range times(long factor) {
      return factor < 0
          ? new Range(high.times(factor), low.times(factor))
          : new Range(low.times(factor), high.times(factor));
    }

    /// The quotient by a positive divisor.
    Range dividedBy(Range divisor) {
      Dim least = divisor.low.max(Dim.ONE);
      Dim most = divisor.high.max(Dim.ONE);
      return new Range(
          low.floorDiv(least).min(low.floorDiv(most)),
          high.floorDiv(least).max(high.floorDiv(most)));
    }
  }

  private Range range(Dim dim) {
    Range sum = Range.ZERO;
    for (Dim.Term term : dim.terms()) {
      Range product = Range.of(Dim.ONE);
      for (Atom atom : term.atoms()) {
        product = product.times(range(atom));
      }
      sum = sum.plus(product.times(term.coefficient()));
    }
    return sum;
  }

  private Range range(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name) -> {
        Dim bound = bounds.get(name);
        yield bound == null ? Range.of(Dim.symbol(name)) : new Range(Dim.ZERO, most(bound));
      }
      case Atom.FloorQuotient(Dim a, Dim b) -> range(a).dividedBy(range(b));
      case Atom.Max(Dim a, Dim b) ->
          new Range(range(a).low().max(range(b).low()), range(a).high().max(range(b).high()));
      case Atom.Min(Dim a, Dim b) ->
          new Range(range(a).low().min(range(b).low()), range(a).high().min(range(b).high()));
    };
  }
}
