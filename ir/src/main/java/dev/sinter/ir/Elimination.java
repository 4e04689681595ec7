package dev.sinter.ir;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What equalities and divisibilities among facts say about symbols, as replacements: with `C ==
/// 4*N` a `C` becomes `4*N`; with `H` a multiple of 2 an `H` becomes `2*h` for a new symbol `h`,
/// which is written as `floor(H / 2)` again where it does not vanish.
final class Elimination {
  private final Map<String, Dim> replacements = new LinkedHashMap<>();
  private final List<Quotient> quotients = new ArrayList<>();
  private final List<Dim> relations = new ArrayList<>();
  private final Facts facts;
  private final Ranges ranges;

  /// A new symbol: `dividend == divisor * symbol`.
  private record Quotient(String symbol, Dim dividend, Dim divisor) {}

  Elimination(Facts facts) {
    this.facts = facts;
    this.ranges = new Ranges(facts);
    for (Facts.Fact fact : facts.facts()) {
      switch (fact) {
        case Facts.Fact.AtLeast(Dim left, Dim right) -> relations.add(left.minus(right));
        case Facts.Fact.Equal(Dim left, Dim right) -> equal(replace(left.minus(right)));
        case Facts.Fact.Divides(Dim divisor, Dim dim) -> divides(replace(divisor), replace(dim));
      }
    }
    relations.replaceAll(this::replace);
    // Each round carries bounds one relation further.
    for (int round = 0; round < 3; round++) {
      relations.forEach(ranges::learn);
      ranges.learnAxes(axes());
    }
  }

  /// The axes, with their extents over the symbols that are left.
  List<Axis> axes() {
    return facts.axes().stream().map(a -> new Axis(a.symbol(), replace(a.extent()))).toList();
  }

  /// Bounds of expressions over the symbols that are left.
  Ranges ranges() {
    return ranges;
  }

  /// Expressions over the symbols that are left which are at least 0.
  List<Dim> relations() {
    return relations;
  }

  /// `dim` over the symbols that are left.
  Dim replace(Dim dim) {
    return replacements.isEmpty() ? dim : substitute(dim, replacements);
  }

  private static Dim substitute(Dim dim, Map<String, Dim> by) {
    try {
      return dim.substitute(by);
    } catch (ArithmeticException e) {
      // A divisor became 0, or a number too large; as it was, it is still true.
      return dim;
    }
  }

  /// `dim` without new symbols.
  Dim restore(Dim dim) {
    Dim out = dim;
    for (Quotient quotient : quotients.reversed()) {
      out = restore(out, quotient);
    }
    return out;
  }

  private static Dim restore(Dim dim, Quotient quotient) {
    if (!dim.symbols().contains(quotient.symbol())) {
      return dim;
    }
    List<Dim.Term> by = quotient.divisor().terms();
    Dim sum = Dim.ZERO;
    for (Dim.Term term : dim.terms()) {
      Dim product = Dim.ONE;
      int powers = 0;
      for (Atom atom : term.atoms()) {
        if (atom instanceof Atom.Symbol(String name) && name.equals(quotient.symbol())) {
          powers++;
        } else {
          product = product.times(restore(atom, quotient));
        }
      }
      product = product.times(term.coefficient());
      for (; powers > 0; powers--) {
        Dim whole = product.floorDiv(quotient.divisor());
        product =
            by.size() == 1 && whole.times(quotient.divisor()).equals(product)
                ? whole.times(quotient.dividend())
                : product.times(quotient.dividend().floorDiv(quotient.divisor()));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  private static Dim restore(Atom atom, Quotient quotient) {
    return switch (atom) {
      case Atom.Symbol symbol -> Dim.atom(symbol);
      case Atom.FloorQuotient(Dim a, Dim b) -> restore(a, quotient).floorDiv(restore(b, quotient));
      case Atom.Max(Dim a, Dim b) -> restore(a, quotient).max(restore(b, quotient));
      case Atom.Min(Dim a, Dim b) -> restore(a, quotient).min(restore(b, quotient));
    };
  }

  private void equal(Dim zero) {
    Dim.@Nullable Term unit = unit(zero);
    if (unit == null) {
      relations.add(zero);
      relations.add(zero.times(-1));
    } else {
      // c*s + rest = 0 with c = 1 or -1.
      Dim rest = zero.minus(unit.dim());
      put(unit, rest.times(-unit.coefficient()));
    }
  }

  private void divides(Dim divisor, Dim dim) {
    if (dim.mod(divisor).is(0)) {
      return;
    }
    String name = "/" + quotients.size();
    List<Dim.Term> terms = dim.terms();
    Dim.Term first = terms.getFirst();
    if (terms.size() == 1 && divisor.isConstant() && isSymbol(first)) {
      // 6*s is a multiple of 4 where s is one of 2.
      long reduced = divisor.constant() / gcd(first.coefficient(), divisor.constant());
      Dim symbol = Dim.atom(first.atoms().getFirst());
      define(new Quotient(name, symbol, Dim.of(reduced)));
      put(first, Dim.symbol(name).times(reduced));
      return;
    }
    Dim.@Nullable Term unit = unit(dim);
    if (unit == null || divisor.symbols().contains(name(unit))) {
      relations.add(divisor.times(dim.floorDiv(divisor)).minus(dim));
      return;
    }
    // c*s + rest = divisor * h with c = 1 or -1.
    define(new Quotient(name, dim, divisor));
    Dim rest = dim.minus(unit.dim());
    put(unit, divisor.times(Dim.symbol(name)).minus(rest).times(unit.coefficient()));
  }

  private void define(Quotient quotient) {
    quotients.add(quotient);
    long low = ranges.of(quotient.dividend()).low();
    long least = Interval.BELOW;
    if (low != Interval.BELOW && quotient.divisor().isConstant()) {
      least = Math.ceilDiv(low, quotient.divisor().constant());
    } else if (low >= 0) {
      // A positive number is a positive multiple of a positive one.
      least = Math.min(low, 1);
    }
    ranges.set(quotient.symbol(), new Interval(least, Interval.ABOVE));
  }

  /// Replaces the symbol of `unit`, and keeps what was known of it.
  private void put(Dim.Term unit, Dim replacement) {
    String symbol = name(unit);
    Map<String, Dim> one = Map.of(symbol, replacement);
    replacements.replaceAll((s, dim) -> substitute(dim, one));
    replacements.put(symbol, replacement);
    long least = ranges.symbol(symbol).low();
    if (least != Interval.BELOW) {
      relations.add(replacement.minus(least));
    }
    for (Axis axis : facts.axes()) {
      if (axis.symbol().equals(symbol)) {
        relations.add(axis.extent().minus(1).minus(replacement));
      }
    }
  }

  /// A term that is a symbol, or its negation, that occurs nowhere else in `dim`; the last one.
  private static Dim.@Nullable Term unit(Dim dim) {
    for (Dim.Term term : dim.terms().reversed()) {
      if (Math.abs(term.coefficient()) == 1
          && isSymbol(term)
          && dim.coefficient(name(term)) != null) {
        return term;
      }
    }
    return null;
  }

  private static boolean isSymbol(Dim.Term term) {
    return term.atoms().size() == 1 && term.atoms().getFirst() instanceof Atom.Symbol;
  }

  private static String name(Dim.Term term) {
    return ((Atom.Symbol) term.atoms().getFirst()).name();
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }
}
