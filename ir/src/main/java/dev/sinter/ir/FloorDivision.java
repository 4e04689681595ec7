package dev.sinter.ir;

import java.util.Objects;

/// How a quotient of [Dim]s is brought to its normal form.
final class FloorDivision {
  private FloorDivision() {}

  static Dim divide(Dim numerator, Dim divisor) {
    if (divisor.monomials.length == 0) {
      throw new ArithmeticException("division of " + numerator + " by zero");
    }
    if (divisor.coefficients[0] < 0) {
      return divide(numerator.times(-1), divisor.times(-1));
    }
    return divisor.monomials.length > 1 ? bySum(numerator, divisor) : byTerm(numerator, divisor);
  }

  /// Takes multiples of the divisor out of the numerator while that leaves fewer terms.
  private static Dim bySum(Dim numerator, Dim divisor) {
    Dim whole = Dim.ZERO;
    Dim rest = numerator;
    for (int i = 0; i < rest.monomials.length; i++) {
      Monomial reduced = rest.monomials[i].without(divisor.monomials[0]);
      if (reduced == null || rest.coefficients[i] % divisor.coefficients[0] != 0) {
        continue;
      }
      Dim factor = Dim.term(reduced, rest.coefficients[i] / divisor.coefficients[0]);
      Dim less = rest.minus(divisor.times(factor));
      if (less.monomials.length < rest.monomials.length) {
        whole = whole.plus(factor);
        rest = less;
        i = -1;
      }
    }
    return rest.monomials.length == 0
        ? whole
        : whole.plus(Dim.atom(new Atom.FloorQuotient(rest, divisor)));
  }

  private static Dim byTerm(Dim numerator, Dim divisor) {
    Monomial by = divisor.monomials[0];
    long d = divisor.coefficients[0];
    DimSum whole = new DimSum();
    DimSum rest = new DimSum();
    for (int i = 0; i < numerator.monomials.length; i++) {
      Monomial reduced = numerator.monomials[i].without(by);
      if (reduced == null) {
        rest.add(numerator.monomials[i], numerator.coefficients[i]);
        continue;
      }
      // A constant keeps a remainder from 0 to d - 1, another term one of its own sign, so that a
      // difference stays one.
      long c = numerator.coefficients[i];
      long q = numerator.monomials[i].degree() == 0 ? Math.floorDiv(c, d) : c / d;
      whole.add(reduced, q);
      rest.add(numerator.monomials[i], c - q * d);
    }
    Dim remainder = rest.dim();
    return remainder.monomials.length == 0
        ? whole.dim()
        : whole.dim().plus(reducedQuotient(remainder, by, d));
  }

  /// The quotient of what has no whole part left by `d * by`, with common factors cancelled.
  private static Dim reducedQuotient(Dim numerator, Monomial by, long d) {
    Monomial shared = by;
    long divisor = d;
    long offset = 0;
    for (int i = 0; i < numerator.monomials.length; i++) {
      shared = shared.common(numerator.monomials[i]);
      if (numerator.monomials[i].degree() == 0 && by.degree() == 0) {
        offset = numerator.coefficients[i];
      } else {
        divisor = gcd(divisor, numerator.coefficients[i]);
      }
    }
    if (divisor == 1 && shared.degree() == 0) {
      return quotient(numerator, Dim.term(by, d));
    }
    if (numerator.isConstant()) {
      // By a constant, only the remainder is left; by a term, the constant has its factors to lose.
      return by.degree() == 0
          ? Dim.ZERO
          : quotient(Dim.of(numerator.constant() / divisor), Dim.term(by, d / divisor));
    }
    // floor((g*a + c) / (g*b)) is floor((a + floor(c / g)) / b), for whole numbers a and g > 0.
    DimSum smaller = new DimSum();
    for (int i = 0; i < numerator.monomials.length; i++) {
      Monomial left = Objects.requireNonNull(numerator.monomials[i].without(shared));
      boolean isOffset = numerator.monomials[i].degree() == 0 && by.degree() == 0;
      smaller.add(
          left, isOffset ? Math.floorDiv(offset, divisor) : numerator.coefficients[i] / divisor);
    }
    Monomial left = Objects.requireNonNull(by.without(shared));
    return smaller.dim().floorDiv(Dim.term(left, d / divisor));
  }

  private static long gcd(long a, long b) {
    long x = Math.abs(a);
    long y = Math.abs(b);
    while (y != 0) {
      long r = x % y;
      x = y;
      y = r;
    }
    return x;
  }

  /// An atom, unless the numerator is a quotient itself: `floor(floor(a / b) / c)` is `floor(a /
  /// (b*c))` for a positive constant `c`.
  private static Dim quotient(Dim numerator, Dim denominator) {
    if (denominator.isConstant() && numerator.soleAtom() instanceof Atom.FloorQuotient inner) {
      return inner.numerator().floorDiv(inner.denominator().times(denominator));
    }
    return Dim.atom(new Atom.FloorQuotient(numerator, denominator));
  }
}
