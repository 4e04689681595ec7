package dev.sinter.ir;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The sizes of a graph's arguments, with what is said of them worked in: where `H % 8 == 0`, the
/// argument has `8*H8` rows, and every size that follows is in normal form.
///
/// What a fact says of a size is found while the graph is built, of which it changes the beginning.
/// The graph is then built anew.
public final class Equations {
  private static final int MOST = 64;

  /// Networks that halve sizes and double them again want multiples up to this.
  private static final long LARGEST_STEP = 1 << 10;

  private final Set<String> taken;
  private final Set<String> free = new HashSet<>();
  private final Map<String, Dim> solved = new LinkedHashMap<>();
  private final List<Facts.Fact> bounds = new ArrayList<>();

  /// Something was found, of which nothing is known where the graph begins.
  private static final class Found extends RuntimeException {
    private static final long serialVersionUID = 1;

    Found() {
      super(null, null, false, false);
    }
  }

  private Equations(Set<String> taken, Map<String, Dim> known) {
    this.taken = Set.copyOf(taken);
    solved.putAll(known);
  }

  /// What `attempt` gives once it finds nothing more.
  ///
  /// @param taken symbols that stay as they are
  /// @param known what sizes are from the beginning, by name
  public static <T> T solving(
      Set<String> taken, Map<String, Dim> known, Function<Equations, T> attempt) {
    Equations equations = new Equations(taken, known);
    while (true) {
      try {
        return attempt.apply(equations);
      } catch (Found again) {
        equations.free.clear();
      }
    }
  }

  /// The size that the arguments call `name`.
  public Dim size(String name) {
    Dim size = solved.getOrDefault(name, Dim.symbol(name));
    if (!taken.contains(name)) {
      size.symbols().stream().filter(s -> !taken.contains(s)).forEach(free::add);
    }
    return size;
  }

  /// What holds of the sizes beside.
  public Facts facts() {
    return new Facts(bounds, List.of());
  }

  /// Whether there is nothing to say of `fact`; the entry begins anew where it says what a size is.
  public boolean tells(Facts.Fact fact) {
    return switch (fact) {
      case Facts.Fact.AtLeast least -> false;
      case Facts.Fact.Equal(Dim left, Dim right) -> {
        equal(left.minus(right));
        yield left.equals(right);
      }
      case Facts.Fact.Divides(Dim divisor, Dim dim) -> {
        divides(divisor, dim);
        yield dim.mod(divisor).is(0);
      }
    };
  }

  /// Whether the sizes are equal, or may be taken to be: the graph begins anew with a symbol that
  /// has a value or is a multiple of a power of two, or a bound that takes one side of a maximum or
  /// minimum. Of a size that data tells nothing is assumed.
  public boolean agree(Dim left, Dim right) {
    if (facts().equal(left, right)) {
      return true;
    }
    Dim zero = left.minus(right);
    if (RuntimeSize.isIn(zero)) {
      return false;
    }
    equal(zero);
    for (Monomial monomial : zero.monomials) {
      for (Atom atom : monomial.atoms) {
        if (atom instanceof Atom.Min(Dim a, Dim b)) {
          take(zero, atom, a, new Facts.Fact.AtLeast(b, a));
          take(zero, atom, b, new Facts.Fact.AtLeast(a, b));
        } else if (atom instanceof Atom.Max(Dim a, Dim b)) {
          take(zero, atom, a, new Facts.Fact.AtLeast(a, b));
          take(zero, atom, b, new Facts.Fact.AtLeast(b, a));
        }
      }
    }
    for (String symbol : zero.symbols()) {
      for (long by = 2; free.contains(symbol) && by <= LARGEST_STEP; by *= 2) {
        Dim multiple = fresh(symbol, by).times(by);
        if (zero.substitute(Map.of(symbol, multiple)).is(0)) {
          found(symbol, multiple);
        }
      }
    }
    return false;
  }

  /// Takes `side` for `atom`, which is so under `bound`, if that makes `zero` nothing.
  private void take(Dim zero, Atom atom, Dim side, Facts.Fact bound) {
    if (bounds.size() < MOST && zero.rewrite(a -> a.equals(atom) ? side : null).is(0)) {
      bounds.add(bound);
      throw new Found();
    }
  }

  private void equal(Dim zero) {
    for (Dim.Term term : zero.terms()) {
      String symbol = term.dim().times(term.coefficient()).symbolName();
      if (symbol != null && free.contains(symbol) && zero.coefficient(symbol) != null) {
        // c*s + rest = 0 with c = 1 or -1.
        Dim value = zero.minus(term.dim()).times(-term.coefficient());
        if (value.symbolName() == null) {
          bounds.add(new Facts.Fact.AtLeast(value, Dim.ONE));
        }
        found(symbol, value);
      }
    }
  }

  private void divides(Dim divisor, Dim dim) {
    String symbol = dim.symbols().size() == 1 ? dim.symbols().iterator().next() : null;
    Dim factor = symbol == null ? null : dim.coefficient(symbol);
    if (symbol == null
        || factor == null
        || !factor.isConstant()
        || !divisor.isConstant()
        || divisor.constant() <= 1
        || !free.contains(symbol)) {
      return;
    }
    long by = divisor.constant();
    long rest = dim.minus(Dim.symbol(symbol).times(factor)).constant();
    if (factor.is(1)) {
      // s + rest = by * k
      Dim turns = fresh(symbol, by);
      long least = Math.ceilDiv(Math.addExact(1, rest), by);
      if (least != 1) {
        bounds.add(new Facts.Fact.AtLeast(turns, Dim.of(least)));
      }
      found(symbol, turns.times(by).minus(rest));
    } else if (rest == 0) {
      long reduced = by / gcd(factor.constant(), by);
      if (reduced > 1) {
        found(symbol, fresh(symbol, reduced).times(reduced));
      }
    }
  }

  private Dim fresh(String symbol, long by) {
    String name = symbol + by;
    while (free.contains(name) || taken.contains(name) || solved.containsKey(name)) {
      name += "_";
    }
    return Dim.symbol(name);
  }

  private void found(String symbol, Dim value) {
    if (solved.size() >= MOST) {
      return;
    }
    Map<String, Dim> one = Map.of(symbol, value);
    solved.replaceAll((name, dim) -> dim.substitute(one));
    solved.put(symbol, value);
    throw new Found();
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }
}
