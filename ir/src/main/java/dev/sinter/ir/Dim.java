package dev.sinter.ir;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// An integer expression in normal form: a size, or the index of an element.
///
/// The normal form is a polynomial with `long` coefficients over atoms; an atom is a symbol, a
/// floor quotient, or the larger or smaller of two expressions. Two expressions with the same
/// normal form are [#equals(Object) equal], which decides every identity of sums and products; what
/// depends on facts about the symbols is decided by [Facts]. Remainders have no atom of their own:
/// `a mod b` is `a - b * floor(a / b)`.
///
/// Symbols of sizes are identifiers (`N`), those that data tells begin with `?` ([RuntimeSize]);
/// symbols of iteration axes begin with `%`.
///
/// All arithmetic is exact: an overflow throws [ArithmeticException].
public final class Dim implements Comparable<Dim> {
  /// Zero.
  public static final Dim ZERO = new Dim(new Monomial[0], new long[0]);

  /// One.
  public static final Dim ONE = of(1);

  final Monomial[] monomials;
  final long[] coefficients;
  private final int hash;

  /// The text, made when it is first asked for.
  private @Nullable String text;

  /// @param monomials in their order, each once
  /// @param coefficients none is zero
  Dim(Monomial[] monomials, long[] coefficients) {
    this.monomials = monomials;
    this.coefficients = coefficients;
    this.hash = 31 * Arrays.hashCode(monomials) + Arrays.hashCode(coefficients);
  }

  /// The constant `value`.
  public static Dim of(long value) {
    return value == 0 ? ZERO : term(Monomial.ONE, value);
  }

  /// The symbol `name`.
  public static Dim symbol(String name) {
    return atom(new Atom.Symbol(name));
  }

  /// The expression that is one atom.
  static Dim atom(Atom atom) {
    return term(new Monomial(List.of(atom)), 1);
  }

  static Dim term(Monomial monomial, long coefficient) {
    return coefficient == 0 ? ZERO : new Dim(new Monomial[] {monomial}, new long[] {coefficient});
  }

  /// The sum.
  public Dim plus(Dim other) {
    if (monomials.length == 0) {
      return other;
    }
    if (other.monomials.length == 0) {
      return this;
    }
    Monomial[] ms = new Monomial[monomials.length + other.monomials.length];
    long[] cs = new long[ms.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < monomials.length || j < other.monomials.length) {
      int order =
          i == monomials.length
              ? 1
              : j == other.monomials.length ? -1 : monomials[i].compareTo(other.monomials[j]);
      ms[n] = order <= 0 ? monomials[i] : other.monomials[j];
      long sum = order <= 0 ? coefficients[i++] : 0;
      if (order >= 0) {
        sum = Math.addExact(sum, other.coefficients[j++]);
      }
      cs[n] = sum;
      n += sum == 0 ? 0 : 1;
    }
    return new Dim(Arrays.copyOf(ms, n), Arrays.copyOf(cs, n));
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
    if (other.isConstant()) {
      return times(other.constant());
    }
    if (isConstant()) {
      return other.times(constant());
    }
    DimSum product = new DimSum();
    for (int i = 0; i < monomials.length; i++) {
      for (int j = 0; j < other.monomials.length; j++) {
        product.add(
            monomials[i].times(other.monomials[j]),
            Math.multiplyExact(coefficients[i], other.coefficients[j]));
      }
    }
    return product.dim();
  }

  /// The product with a constant.
  public Dim times(long other) {
    if (other == 0) {
      return ZERO;
    }
    if (other == 1) {
      return this;
    }
    long[] scaled = new long[coefficients.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = Math.multiplyExact(coefficients[i], other);
    }
    return new Dim(monomials, scaled);
  }

  /// The quotient by `divisor`, rounded towards negative infinity.
  ///
  /// What the divisor divides leaves the quotient: `floor((4*C + 3) / 4)` is `C`; common factors
  /// are cancelled: `floor((4*C + 3) / 8)` is `floor(C / 2)`.
  ///
  /// @throws ArithmeticException if `divisor` is the constant 0
  public Dim floorDiv(Dim divisor) {
    return FloorDivision.divide(this, divisor);
  }

  /// The quotient by a constant, rounded towards negative infinity.
  public Dim floorDiv(long divisor) {
    return floorDiv(of(divisor));
  }

  /// The quotient by `divisor`, rounded towards positive infinity.
  public Dim ceilDiv(Dim divisor) {
    return divisor.isConstant() && divisor.constant() > 0
        ? plus(divisor.constant() - 1).floorDiv(divisor)
        : times(-1).floorDiv(divisor).times(-1);
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
    return monomials.length == 0 || (monomials.length == 1 && monomials[0].degree() == 0);
  }

  /// Whether this is a constant below zero.
  boolean isNegativeConstant() {
    return isConstant() && constant() < 0;
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
    return monomials.length == 0 ? 0 : coefficients[0];
  }

  /// The name, where the expression is one symbol; else null.
  public @Nullable String symbolName() {
    return soleAtom() instanceof Atom.Symbol symbol ? symbol.name() : null;
  }

  /// The atom, where the expression is one and nothing else; else null.
  @Nullable Atom soleAtom() {
    return monomials.length == 1 && coefficients[0] == 1 && monomials[0].degree() == 1
        ? monomials[0].atoms.getFirst()
        : null;
  }

  /// The terms of the polynomial: each a product of atoms and its coefficient, highest degree
  /// first.
  public List<Term> terms() {
    List<Term> out = new ArrayList<>(monomials.length);
    for (int i = 0; i < monomials.length; i++) {
      out.add(new Term(coefficients[i], monomials[i].atoms));
    }
    return out;
  }

  /// One summand: a coefficient and a product of atoms.
  public record Term(long coefficient, List<Atom> atoms) {
    /// The summand as an expression of its own.
    public Dim dim() {
      return term(Monomial.of(atoms), coefficient);
    }
  }

  /// The coefficient of `symbol` where the expression is linear in it, so that `this == coefficient
  /// * symbol + rest` and the rest does not mention it; else null.
  public @Nullable Dim coefficient(String symbol) {
    Monomial atom = new Monomial(List.of(new Atom.Symbol(symbol)));
    DimSum sum = new DimSum();
    DimSum rest = new DimSum();
    for (int i = 0; i < monomials.length; i++) {
      Monomial reduced = monomials[i].without(atom);
      if (reduced == null) {
        rest.add(monomials[i], coefficients[i]);
      } else {
        sum.add(reduced, coefficients[i]);
      }
    }
    Dim factor = sum.dim();
    return factor.mentions(symbol) || rest.dim().mentions(symbol) ? null : factor;
  }

  private boolean mentions(String symbol) {
    return symbols().contains(symbol);
  }

  /// The names of all symbols, sorted.
  public Set<String> symbols() {
    Set<String> names = new TreeSet<>();
    collectSymbols(names);
    return names;
  }

  /// Adds the names of all symbols.
  void collectSymbols(Set<String> names) {
    for (Monomial monomial : monomials) {
      monomial.atoms.forEach(atom -> atom.collectSymbols(names));
    }
  }

  /// This expression with each symbol that `bindings` knows replaced, all at once.
  public Dim substitute(Map<String, Dim> bindings) {
    return rewrite(atom ->
        atom instanceof Atom.Symbol(String name) && bindings.containsKey(name)
            ? bindings.get(name)
            : null);
  }

  /// This expression with atoms replaced, innermost first; `rule` answers null to keep one.
  public Dim rewrite(Function<Atom, @Nullable Dim> rule) {
    if (isConstant()) {
      return this;
    }
    DimSum sum = new DimSum();
    for (int i = 0; i < monomials.length; i++) {
      Dim product = of(coefficients[i]);
      for (Atom atom : monomials[i].atoms) {
        product = product.times(atom.rewrite(rule));
      }
      sum.add(product, 1);
    }
    return sum.dim();
  }

  /// The value under the symbols' values.
  public long evaluate(ToLongFunction<String> value) {
    long sum = 0;
    for (int i = 0; i < monomials.length; i++) {
      long product = coefficients[i];
      for (Atom atom : monomials[i].atoms) {
        product = Math.multiplyExact(product, atom.evaluate(value));
      }
      sum = Math.addExact(sum, product);
    }
    return sum;
  }

  /// A fixed order without meaning, consistent with equality.
  @Override
  public int compareTo(Dim other) {
    int shorter = Math.min(monomials.length, other.monomials.length);
    for (int i = 0; i < shorter; i++) {
      int order = monomials[i].compareTo(other.monomials[i]);
      if (order == 0) {
        order = Long.compare(coefficients[i], other.coefficients[i]);
      }
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(monomials.length, other.monomials.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Dim that
        && hash == that.hash
        && Arrays.equals(coefficients, that.coefficients)
        && Arrays.equals(monomials, that.monomials);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /// The normal form as text, which [DimParser] reads back.
  @Override
  public String toString() {
    String known = text;
    if (known == null) {
      known = DimPrinter.print(this);
      text = known;
    }
    return known;
  }
}
