package dev.sinter.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// An integer expression in normal form: a size, or the index of an element.
///
/// The normal form is a polynomial with `long` coefficients over atoms; an atom is a symbol, a
/// floor quotient, or the larger or smaller of two expressions. Two expressions with the same
/// normal form are [#equals(Object) equal], which decides every identity of sums and products; what
/// depends on facts about the symbols is decided by [Facts]. Remainders have no atom of their own:
/// `a mod b` is `a - b * floor(a / b)`.
///
/// Symbols of sizes are identifiers (`N`); symbols of iteration axes begin with `%`.
///
/// All arithmetic is exact: an overflow throws [ArithmeticException].
public final class Dim implements Comparable<Dim> {
  /// An indivisible part of an expression.
  public sealed interface Atom {
    /// A named integer.
    record Symbol(String name) implements Atom {
      @Override
      public String toString() {
        return name;
      }
    }

    /// The quotient rounded towards negative infinity.
    record FloorQuotient(Dim numerator, Dim denominator) implements Atom {
      @Override
      public String toString() {
        return "floor(" + numerator + " / " + group(denominator) + ")";
      }

      private static String group(Dim dim) {
        return dim.terms.size() > 1 || dim.degree() > 1 ? "(" + dim + ")" : dim.toString();
      }
    }

    /// The larger of two.
    record Max(Dim left, Dim right) implements Atom {
      @Override
      public String toString() {
        return "max(" + left + ", " + right + ")";
      }
    }

    /// The smaller of two.
    record Min(Dim left, Dim right) implements Atom {
      @Override
      public String toString() {
        return "min(" + left + ", " + right + ")";
      }
    }
  }

  /// A product of atoms, in the order of their text; the empty product is 1.
  record Monomial(List<Atom> atoms) implements Comparable<Monomial> {
    static final Monomial ONE = new Monomial(List.of());

    Monomial times(Monomial other) {
      List<Atom> all = new ArrayList<>(atoms);
      all.addAll(other.atoms);
      all.sort(Comparator.comparing(Atom::toString));
      return new Monomial(List.copyOf(all));
    }

    /// This product without the atoms of `divisor`, or null where one of them is missing.
    @org.jspecify.annotations.Nullable
    Monomial without(Monomial divisor) {
      List<Atom> rest = new ArrayList<>(atoms);
      for (Atom atom : divisor.atoms) {
        if (!rest.remove(atom)) {
          return null;
        }
      }
      return new Monomial(List.copyOf(rest));
    }

    @Override
    public int compareTo(Monomial other) {
      // Higher degrees first, so that a constant term ends the text.
      int byDegree = Integer.compare(other.atoms.size(), atoms.size());
      return byDegree != 0 ? byDegree : toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (Atom atom : atoms) {
        text.append(text.isEmpty() ? "" : "*").append(atom);
      }
      return text.toString();
    }
  }

  /// Zero.
  public static final Dim ZERO = new Dim(new TreeMap<>());

  /// One.
  public static final Dim ONE = of(1);

  private final Map<Monomial, Long> terms;
  private final String text;

  private Dim(Map<Monomial, Long> terms) {
    this.terms = Collections.unmodifiableMap(terms);
    this.text = print(terms);
  }

  /// The constant `value`.
  public static Dim of(long value) {
    return term(Monomial.ONE, value);
  }

  /// The symbol `name`.
  public static Dim symbol(String name) {
    return atom(new Atom.Symbol(name));
  }

  /// The expression that is one atom.
  static Dim atom(Atom atom) {
    return term(new Monomial(List.of(atom)), 1);
  }

  private static Dim term(Monomial monomial, long coefficient) {
    TreeMap<Monomial, Long> terms = new TreeMap<>();
    if (coefficient != 0) {
      terms.put(monomial, coefficient);
    }
    return new Dim(terms);
  }

  /// The sum.
  public Dim plus(Dim other) {
    TreeMap<Monomial, Long> sum = new TreeMap<>(terms);
    other.terms.forEach((monomial, c) -> add(sum, monomial, c));
    return new Dim(sum);
  }

  /// The sum with a constant.
  public Dim plus(long other) {
    return plus(of(other));
  }

  /// The difference.
  public Dim minus(Dim other) {
    return plus(other.times(-1));
  }

  /// The difference with a constant.
  public Dim minus(long other) {
    return plus(of(Math.negateExact(other)));
  }

  /// The product.
  public Dim times(Dim other) {
    TreeMap<Monomial, Long> product = new TreeMap<>();
    terms.forEach((m, c) ->
        other.terms.forEach((n, d) -> add(product, m.times(n), Math.multiplyExact(c, d))));
    return new Dim(product);
  }

  /// The product with a constant.
  public Dim times(long other) {
    return times(of(other));
  }

  private static void add(Map<Monomial, Long> terms, Monomial monomial, long c) {
    long sum = Math.addExact(terms.getOrDefault(monomial, 0L), c);
    if (sum == 0) {
      terms.remove(monomial);
    } else {
      terms.put(monomial, sum);
    }
  }

  /// The quotient by `divisor`, rounded towards negative infinity.
  ///
  /// Terms that `divisor` divides leave the quotient: `floor((4*C + 3) / 4)` is `C`.
  ///
  /// @throws ArithmeticException if `divisor` is the constant 0
  public Dim floorDiv(Dim divisor) {
    if (divisor.terms.isEmpty()) {
      throw new ArithmeticException("division of " + this + " by zero");
    }
    if (divisor.terms.size() > 1) {
      return equals(divisor) ? ONE : terms.isEmpty() ? ZERO : quotient(this, divisor);
    }
    Map.Entry<Monomial, Long> by = divisor.terms.entrySet().iterator().next();
    if (by.getValue() < 0) {
      return times(-1).floorDiv(divisor.times(-1));
    }
    TreeMap<Monomial, Long> whole = new TreeMap<>();
    TreeMap<Monomial, Long> rest = new TreeMap<>();
    terms.forEach((monomial, c) -> {
      Monomial reduced = monomial.without(by.getKey());
      if (reduced == null) {
        add(rest, monomial, c);
      } else {
        long q = Math.floorDiv(c, by.getValue());
        // A constant keeps its remainder in [0, d); another term only leaves if it leaves whole.
        if (c % by.getValue() == 0 || monomial.equals(Monomial.ONE)) {
          add(whole, reduced, q);
          add(rest, monomial, c - q * by.getValue());
        } else {
          add(rest, monomial, c);
        }
      }
    });
    Dim remainder = new Dim(rest);
    Dim out = new Dim(whole);
    if (remainder.isConstant()
        && by.getKey().equals(Monomial.ONE)
        && remainder.constant() < by.getValue()) {
      return out;
    }
    return remainder.terms.isEmpty() ? out : out.plus(quotient(remainder, divisor));
  }

  private static Dim quotient(Dim numerator, Dim denominator) {
    if (numerator.isConstant() && denominator.isConstant()) {
      return of(Math.floorDiv(numerator.constant(), denominator.constant()));
    }
    // floor(floor(a / b) / c) = floor(a / (b * c)) for positive b and c.
    if (numerator.terms.size() == 1 && denominator.isConstant()) {
      Map.Entry<Monomial, Long> only = numerator.terms.entrySet().iterator().next();
      if (only.getValue() == 1
          && only.getKey().atoms().size() == 1
          && only.getKey().atoms().getFirst() instanceof Atom.FloorQuotient inner
          && inner.denominator().isConstant()
          && inner.denominator().constant() > 0) {
        return inner.numerator().floorDiv(inner.denominator().times(denominator));
      }
    }
    return atom(new Atom.FloorQuotient(numerator, denominator));
  }

  /// The quotient by a constant, rounded towards negative infinity.
  public Dim floorDiv(long divisor) {
    return floorDiv(of(divisor));
  }

  /// The quotient by `divisor`, rounded towards positive infinity.
  public Dim ceilDiv(Dim divisor) {
    return times(-1).floorDiv(divisor).times(-1);
  }

  /// The remainder of the floor quotient by `divisor`.
  public Dim mod(Dim divisor) {
    return minus(divisor.times(floorDiv(divisor)));
  }

  /// The remainder of the floor quotient by a constant.
  public Dim mod(long divisor) {
    return mod(of(divisor));
  }

  /// The larger of this and `other`.
  public Dim max(Dim other) {
    Dim difference = minus(other);
    if (difference.isConstant()) {
      return difference.constant() >= 0 ? this : other;
    }
    return compareTo(other) <= 0
        ? atom(new Atom.Max(this, other))
        : atom(new Atom.Max(other, this));
  }

  /// The smaller of this and `other`.
  public Dim min(Dim other) {
    Dim difference = minus(other);
    if (difference.isConstant()) {
      return difference.constant() <= 0 ? this : other;
    }
    return compareTo(other) <= 0
        ? atom(new Atom.Min(this, other))
        : atom(new Atom.Min(other, this));
  }

  /// The product of `dims`; 1 for none.
  public static Dim product(List<Dim> dims) {
    Dim product = ONE;
    for (Dim dim : dims) {
      product = product.times(dim);
    }
    return product;
  }

  /// Whether the expression has no symbol.
  public boolean isConstant() {
    return terms.isEmpty() || (terms.size() == 1 && terms.containsKey(Monomial.ONE));
  }

  /// Whether this is the constant `value`.
  public boolean is(long value) {
    return isConstant() && constant() == value;
  }

  /// The value of a constant expression.
  ///
  /// @throws IllegalStateException if the expression has a symbol
  public long constant() {
    if (!isConstant()) {
      throw new IllegalStateException(this + " is not a constant");
    }
    return terms.isEmpty() ? 0 : terms.values().iterator().next();
  }

  /// The name, where the expression is one symbol; else null.
  public @org.jspecify.annotations.Nullable String symbolName() {
    if (terms.size() != 1) {
      return null;
    }
    Map.Entry<Monomial, Long> only = terms.entrySet().iterator().next();
    return only.getValue() == 1
            && only.getKey().atoms().size() == 1
            && only.getKey().atoms().getFirst() instanceof Atom.Symbol symbol
        ? symbol.name()
        : null;
  }

  /// The terms of the polynomial: each a product of atoms and its coefficient, highest degree
  /// first.
  public List<Term> terms() {
    List<Term> out = new ArrayList<>();
    terms.forEach((monomial, c) -> out.add(new Term(c, monomial.atoms())));
    return out;
  }

  /// One summand: a coefficient and a product of atoms.
  public record Term(long coefficient, List<Atom> atoms) {
    /// The summand as an expression of its own.
    public Dim dim() {
      return term(new Monomial(atoms), coefficient);
    }
  }

  /// The coefficient of `symbol` where the expression is linear in it, so that `this == coefficient
  /// * symbol + rest` and the rest does not mention it; else null.
  public @org.jspecify.annotations.Nullable Dim coefficient(String symbol) {
    Atom atom = new Atom.Symbol(symbol);
    Dim sum = ZERO;
    Dim rest = ZERO;
    for (Map.Entry<Monomial, Long> e : terms.entrySet()) {
      Monomial reduced = e.getKey().without(new Monomial(List.of(atom)));
      if (reduced == null) {
        rest = rest.plus(term(e.getKey(), e.getValue()));
      } else {
        sum = sum.plus(term(reduced, e.getValue()));
      }
    }
    return sum.symbols().contains(symbol) || rest.symbols().contains(symbol) ? null : sum;
  }

  /// The names of all symbols, sorted.
  public Set<String> symbols() {
    Set<String> names = new TreeSet<>();
    collect(names);
    return names;
  }

  private void collect(Set<String> names) {
    for (Monomial monomial : terms.keySet()) {
      for (Atom atom : monomial.atoms()) {
        switch (atom) {
          case Atom.Symbol(String name) -> names.add(name);
          case Atom.FloorQuotient(Dim a, Dim b) -> collect(names, a, b);
          case Atom.Max(Dim a, Dim b) -> collect(names, a, b);
          case Atom.Min(Dim a, Dim b) -> collect(names, a, b);
        }
      }
    }
  }

  private static void collect(Set<String> names, Dim a, Dim b) {
    a.collect(names);
    b.collect(names);
  }

  /// This expression with each symbol that `bindings` knows replaced, all at once.
  public Dim substitute(Map<String, Dim> bindings) {
    return rewrite(atom ->
        atom instanceof Atom.Symbol(String name) && bindings.containsKey(name)
            ? bindings.get(name)
            : null);
  }

  /// This expression with atoms replaced, innermost first; `rule` answers null to keep one.
  public Dim rewrite(Function<Atom, @org.jspecify.annotations.Nullable Dim> rule) {
    if (isConstant()) {
      return this;
    }
    Dim sum = ZERO;
    for (Map.Entry<Monomial, Long> e : terms.entrySet()) {
      Dim product = of(e.getValue());
      for (Atom atom : e.getKey().atoms()) {
        product = product.times(rewritten(atom, rule));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  private static Dim rewritten(
      Atom atom, Function<Atom, @org.jspecify.annotations.Nullable Dim> rule) {
    Dim inner =
        switch (atom) {
          case Atom.Symbol symbol -> atom(symbol);
          case Atom.FloorQuotient(Dim a, Dim b) -> a.rewrite(rule).floorDiv(b.rewrite(rule));
          case Atom.Max(Dim a, Dim b) -> a.rewrite(rule).max(b.rewrite(rule));
          case Atom.Min(Dim a, Dim b) -> a.rewrite(rule).min(b.rewrite(rule));
        };
    if (inner.terms.size() == 1) {
      Map.Entry<Monomial, Long> only = inner.terms.entrySet().iterator().next();
      if (only.getValue() == 1 && only.getKey().atoms().size() == 1) {
        Dim replaced = rule.apply(only.getKey().atoms().getFirst());
        return replaced == null ? inner : replaced;
      }
    }
    return inner;
  }

  /// The value under the symbols' values.
  public long evaluate(ToLongFunction<String> value) {
    long sum = 0;
    for (Map.Entry<Monomial, Long> e : terms.entrySet()) {
      long product = e.getValue();
      for (Atom atom : e.getKey().atoms()) {
        product = Math.multiplyExact(product, evaluate(atom, value));
      }
      sum = Math.addExact(sum, product);
    }
    return sum;
  }

  private static long evaluate(Atom atom, ToLongFunction<String> value) {
    return switch (atom) {
      case Atom.Symbol(String name) -> value.applyAsLong(name);
      case Atom.FloorQuotient(Dim a, Dim b) -> Math.floorDiv(a.evaluate(value), b.evaluate(value));
      case Atom.Max(Dim a, Dim b) -> Math.max(a.evaluate(value), b.evaluate(value));
      case Atom.Min(Dim a, Dim b) -> Math.min(a.evaluate(value), b.evaluate(value));
    };
  }

  private int degree() {
    return terms.keySet().stream().mapToInt(m -> m.atoms().size()).max().orElse(0);
  }

  private static String print(Map<Monomial, Long> terms) {
    if (terms.isEmpty()) {
      return "0";
    }
    StringBuilder text = new StringBuilder();
    terms.forEach((monomial, c) -> {
      text.append(text.isEmpty() ? (c < 0 ? "-" : "") : c < 0 ? " - " : " + ");
      // Text of the magnitude; Long.MIN_VALUE has none as a long.
      String magnitude = Long.toString(c).replace("-", "");
      if (monomial.atoms().isEmpty()) {
        text.append(magnitude);
      } else {
        text.append(magnitude.equals("1") ? "" : magnitude + "*").append(monomial);
      }
    });
    return text.toString();
  }

  @Override
  public int compareTo(Dim other) {
    return text.compareTo(other.text);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dim dim && text.equals(dim.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// The normal form as text, which [DimParser] reads back.
  @Override
  public String toString() {
    return text;
  }
}
