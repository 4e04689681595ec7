package dev.sinter.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides what follows from [Facts]; remembers what it has decided.
///
/// Sound: what it affirms holds for all values of the symbols that obey the facts. Not complete: it
/// finds what follows by linear reasoning, divisibility, products of what is positive, and the
/// definitions of quotients, maxima and minima, with a bound on the search. Not for use by several
/// threads at once.
public final class Prover {
  private static final int DEEPEST_SPLIT = 2;
  private static final int ROUNDS = 4;

  private final Facts facts;
  private final int splits;
  private final Elimination elimination;
  private final Ranges ranges;
  private final Samples samples;
  private final Map<Dim, Boolean> decided = new HashMap<>();
  private final Map<Dim, Dim> simplified = new HashMap<>();

  /// A prover that knows `facts`.
  public Prover(Facts facts) {
    this(facts, 0);
  }

  private Prover(Facts facts, int splits) {
    this.facts = facts;
    this.splits = splits;
    this.elimination = new Elimination(facts);
    this.ranges = elimination.ranges();
    this.samples = new Samples(elimination);
  }

  /// Whether `fact` follows.
  public boolean proves(Facts.Fact fact) {
    return switch (fact) {
      case Facts.Fact.AtLeast(Dim left, Dim right) -> atLeast(left, right);
      case Facts.Fact.Equal(Dim left, Dim right) -> equal(left, right);
      case Facts.Fact.Divides(Dim divisor, Dim dim) -> equal(dim.mod(divisor), Dim.ZERO);
    };
  }

  /// Whether `left >= right` follows.
  public boolean atLeast(Dim left, Dim right) {
    return notNegative(elimination.replace(left.minus(right)));
  }

  /// Whether `0 <= index < extent` follows.
  public boolean isWithin(Dim index, Dim extent) {
    return atLeast(index, Dim.ZERO) && atLeast(extent.minus(1), index);
  }

  /// Whether `left == right` follows.
  public boolean equal(Dim left, Dim right) {
    if (left.equals(right)) {
      return true;
    }
    Dim difference = reduce(elimination.replace(left.minus(right)));
    return difference.is(0) || (notNegative(difference) && notNegative(difference.times(-1)));
  }

  /// An expression of the same value that is simpler where the facts allow it.
  public Dim simplify(Dim dim) {
    return dim.isConstant()
        ? dim
        : simplified.computeIfAbsent(dim, d -> elimination.restore(reduce(elimination.replace(d))));
  }

  /// A number that `dim` is never below, if one is found.
  public OptionalLong lower(Dim dim) {
    return bound(reduce(elimination.replace(dim)));
  }

  /// A number that `dim` is never above, if one is found.
  public OptionalLong upper(Dim dim) {
    OptionalLong below = bound(reduce(elimination.replace(dim.times(-1))));
    return below.isPresent() ? OptionalLong.of(-below.getAsLong()) : below;
  }

  private OptionalLong bound(Dim dim) {
    long low = ranges.of(dim).low();
    OptionalLong least = samples.least(dim);
    if (least.isPresent() && least.getAsLong() > low && notNegative(dim.minus(least.getAsLong()))) {
      return least;
    }
    return low == Interval.BELOW ? OptionalLong.empty() : OptionalLong.of(low);
  }

  /// Whether `dim`, over the symbols that are left, is at least 0.
  private boolean notNegative(Dim dim) {
    if (dim.isConstant()) {
      return dim.constant() >= 0;
    }
    Boolean before = decided.get(dim);
    if (before == null) {
      // A question that comes up on the way to its own answer has none there.
      decided.put(dim, false);
      before = decide(dim);
      decided.put(dim, before);
    }
    return before;
  }

  private boolean decide(Dim dim) {
    Interval range = ranges.of(dim);
    if (range.low() >= 0) {
      return true;
    }
    OptionalLong least = samples.least(dim);
    if (range.high() < 0 || (least.isPresent() && least.getAsLong() < 0)) {
      return false;
    }
    return new Search(elimination, this::notNegative).proves(dim) || split(dim);
  }

  /// Takes a maximum or minimum for one side and for the other, each with what that assumes.
  private boolean split(Dim dim) {
    if (splits == DEEPEST_SPLIT) {
      return false;
    }
    for (Dim.Term term : dim.terms()) {
      for (Atom atom : term.atoms()) {
        if (atom instanceof Atom.Max(Dim a, Dim b)) {
          return splits(dim, atom, a, a, b) && splits(dim, atom, b, b, a);
        }
        if (atom instanceof Atom.Min(Dim a, Dim b)) {
          return splits(dim, atom, a, b, a) && splits(dim, atom, b, a, b);
        }
      }
    }
    return false;
  }

  private boolean splits(Dim dim, Atom atom, Dim taken, Dim larger, Dim smaller) {
    Facts assumed =
        facts.and(
            new Facts.Fact.AtLeast(elimination.restore(larger), elimination.restore(smaller)));
    try {
      Dim side = elimination.restore(dim.rewrite(a -> a.equals(atom) ? taken : null));
      return new Prover(assumed, splits + 1).atLeast(side, Dim.ZERO);
    } catch (ArithmeticException e) {
      // A divisor became 0 on this side, or a number too large.
      return false;
    }
  }

  private Dim reduce(Dim dim) {
    Dim now = dim;
    for (int round = 0; round < ROUNDS; round++) {
      Dim before = now;
      try {
        now = now.rewrite(this::reduced);
      } catch (ArithmeticException e) {
        // A divisor became 0, or a number too large.
        return before;
      }
      if (now.equals(before)) {
        break;
      }
    }
    return now;
  }

  private @Nullable Dim reduced(Atom atom) {
    return switch (atom) {
      case Atom.Symbol symbol -> null;
      case Atom.FloorQuotient(Dim a, Dim b) -> quotient(a, b);
      case Atom.Max(Dim a, Dim b) ->
          notNegative(a.minus(b)) ? a : notNegative(b.minus(a)) ? b : null;
      case Atom.Min(Dim a, Dim b) ->
          notNegative(a.minus(b)) ? b : notNegative(b.minus(a)) ? a : null;
    };
  }

  private @Nullable Dim quotient(Dim numerator, Dim divisor) {
    Interval range = ranges.of(numerator).floorDiv(ranges.of(divisor));
    if (range.low() == range.high()) {
      return Dim.of(range.low());
    }
    if (!notNegative(divisor.minus(1))) {
      return null;
    }
    if (isRemainder(numerator, divisor)) {
      return Dim.ZERO;
    }
    if (isRemainder(numerator.plus(divisor), divisor)) {
      return Dim.of(-1);
    }
    // floor((g*a + r) / (g*b)) is floor(a / b) where r is a remainder by g.
    for (Dim g : factors(numerator, divisor)) {
      Dim whole = Dim.ZERO;
      Dim rest = Dim.ZERO;
      for (Dim.Term term : numerator.terms()) {
        Dim part = term.dim();
        Dim share = part.floorDiv(g);
        if (share.times(g).equals(part)) {
          whole = whole.plus(share);
        } else {
          rest = rest.plus(part);
        }
      }
      if (!whole.is(0) && isRemainder(rest, g)) {
        return whole.floorDiv(divisor.floorDiv(g));
      }
    }
    return null;
  }

  private boolean isRemainder(Dim dim, Dim divisor) {
    return notNegative(dim) && notNegative(divisor.minus(1).minus(dim));
  }

  /// The largest products that divide the divisor and a term of the numerator.
  private static Set<Dim> factors(Dim numerator, Dim divisor) {
    Set<Dim> factors = new LinkedHashSet<>();
    if (divisor.terms().size() != 1) {
      return factors;
    }
    Dim.Term by = divisor.terms().getFirst();
    for (Dim.Term term : numerator.terms()) {
      List<Atom> common = new ArrayList<>();
      List<Atom> rest = new ArrayList<>(by.atoms());
      for (Atom atom : term.atoms()) {
        if (rest.remove(atom)) {
          common.add(atom);
        }
      }
      long g = gcd(term.coefficient(), by.coefficient());
      if (!term.atoms().isEmpty() && (g != 1 || !common.isEmpty())) {
        factors.add(new Dim.Term(g, common).dim());
      }
    }
    return factors;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }
}
