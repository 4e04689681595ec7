package dev.sinter.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// A bounded search for a proof that an expression is not negative.
///
/// Every atom becomes a variable that counts from its least value, so that a polynomial without
/// negative coefficients is not negative. A term that stands in the way is cancelled by subtracting
/// a multiple of something known not to be negative: a fact, or what a quotient, a maximum or the
/// range of an axis mean. Since expressions are whole numbers, it is enough to show that `s` times
/// the expression is more than `-s`.
final class Search {
  private static final int MOST_VARIABLES = 40;
  private static final int MOST_STEPS = 200;
  private static final int DEEPEST = 10;

  private final List<Axis> axes;
  private final Ranges ranges;
  private final Predicate<Dim> notNegative;
  private final Map<Atom, Dim> variables = new HashMap<>();
  private final Set<String> free = new HashSet<>();
  private final List<Dim> known = new ArrayList<>();
  private final Set<Dim> visited = new HashSet<>();
  private int steps;

  /// A search that may use `facts`; it is good for one proof.
  ///
  /// @param notNegative decides whether a numerator is at least 0
  Search(Elimination facts, Predicate<Dim> notNegative) {
    this.notNegative = notNegative;
    this.axes = facts.axes();
    this.ranges = facts.ranges();
    facts.relations().forEach(relation -> known.add(convert(relation)));
  }

  boolean proves(Dim dim) {
    try {
      return holds(convert(dim), 1, 0);
    } catch (ArithmeticException e) {
      return false;
    }
  }

  /// `dim` over variables; what defines new ones is added to what is known.
  private Dim convert(Dim dim) {
    Dim sum = Dim.ZERO;
    for (Dim.Term term : dim.terms()) {
      Dim product = Dim.of(term.coefficient());
      for (Atom atom : term.atoms()) {
        product = product.times(variable(atom));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  private Dim variable(Atom atom) {
    Dim before = variables.get(atom);
    if (before != null) {
      return before;
    }
    String name = "#" + variables.size();
    Interval range = ranges.of(atom);
    if (range.low() < 0
        && atom instanceof Atom.FloorQuotient(Dim a, Dim b)
        && ranges.of(b).low() >= 1
        && notNegative.test(a)) {
      range = range.and(new Interval(0, Interval.ABOVE));
    }
    Dim variable = Dim.symbol(name);
    if (range.low() == Interval.BELOW) {
      free.add(name);
    } else {
      variable = variable.plus(range.low());
    }
    variables.put(atom, variable);
    if (variables.size() > MOST_VARIABLES) {
      return variable;
    }
    if (range.high() != Interval.ABOVE) {
      known.add(Dim.of(range.high()).minus(variable));
    }
    define(atom, variable);
    return variable;
  }

  private void define(Atom atom, Dim value) {
    switch (atom) {
      case Atom.Symbol(String name) -> {
        for (Axis axis : axes) {
          if (axis.symbol().equals(name)) {
            known.add(convert(axis.extent()).minus(1).minus(value));
          }
        }
      }
      case Atom.FloorQuotient(Dim a, Dim b) -> {
        if (ranges.of(b).low() >= 1) {
          Dim below = convert(a).minus(convert(b).times(value));
          known.add(below);
          known.add(convert(b).minus(1).minus(below));
        }
      }
      case Atom.Max(Dim a, Dim b) -> {
        known.add(value.minus(convert(a)));
        known.add(value.minus(convert(b)));
      }
      case Atom.Min(Dim a, Dim b) -> {
        known.add(convert(a).minus(value));
        known.add(convert(b).minus(value));
      }
    }
  }

  /// Whether `goal > -scale` follows.
  private boolean holds(Dim goal, long scale, int depth) {
    if (++steps > MOST_STEPS) {
      return false;
    }
    Dim.Term obstacle = null;
    for (Dim.Term term : goal.terms()) {
      boolean constant = term.atoms().isEmpty();
      if (constant ? term.coefficient() <= -scale : term.coefficient() < 0 || isFree(term)) {
        obstacle = term;
        break;
      }
    }
    if (obstacle == null) {
      return true;
    }
    if (depth == DEEPEST || !visited.add(goal)) {
      return false;
    }
    for (int i = 0; i < known.size(); i++) {
      for (Dim.Term term : known.get(i).terms()) {
        if (cancels(goal, obstacle, known.get(i), term, scale, depth)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether subtracting a multiple of `fact`, so that its `term` meets the obstacle, helps.
  private boolean cancels(
      Dim goal, Dim.Term obstacle, Dim fact, Dim.Term term, long scale, int depth) {
    List<Atom> factor = new ArrayList<>(obstacle.atoms());
    if (Long.signum(term.coefficient()) != Long.signum(obstacle.coefficient())
        || !term.atoms().stream().allMatch(factor::remove)
        || factor.stream().anyMatch(this::isFree)) {
      return false;
    }
    Dim used = new Dim.Term(1, factor).dim().times(fact);
    // As much as cancels the obstacle, or before it only as much as leaves another term no less
    // than nothing, so that a second fact may cancel the rest.
    long wanted = Math.abs(obstacle.coefficient());
    long has = Math.abs(term.coefficient());
    long least = wanted;
    long leastBy = has;
    for (Dim.Term other : used.terms()) {
      long present = coefficient(goal, other.atoms());
      if (other.coefficient() > 0
          && present > 0
          && !other.atoms().isEmpty()
          && Math.multiplyExact(present, leastBy)
              < Math.multiplyExact(least, other.coefficient())) {
        least = present;
        leastBy = other.coefficient();
      }
    }
    boolean partly = least != wanted || leastBy != has;
    return (partly && holdsWithout(goal, used, least, leastBy, scale, depth))
        || holdsWithout(goal, used, wanted, has, scale, depth);
  }

  private boolean holdsWithout(Dim goal, Dim used, long c, long a, long scale, int depth) {
    long g = gcd(c, a);
    Dim rest = goal.times(a / g).minus(used.times(c / g));
    return holds(rest, Math.multiplyExact(scale, a / g), depth + 1);
  }

  private static long coefficient(Dim dim, List<Atom> atoms) {
    for (Dim.Term term : dim.terms()) {
      if (term.atoms().equals(atoms)) {
        return term.coefficient();
      }
    }
    return 0;
  }

  private boolean isFree(Dim.Term term) {
    return !free.isEmpty() && term.atoms().stream().anyMatch(this::isFree);
  }

  private boolean isFree(Atom atom) {
    return atom instanceof Atom.Symbol(String name) && free.contains(name);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }
}
