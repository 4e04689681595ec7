package dev.sinter.ir;

import java.util.TreeMap;

/// A [Dim] under construction, as a sum of products.
final class DimSum {
  private final TreeMap<Monomial, Long> terms = new TreeMap<>();

  void add(Monomial monomial, long c) {
    long sum = Math.addExact(terms.getOrDefault(monomial, 0L), c);
    if (sum == 0) {
      terms.remove(monomial);
    } else {
      terms.put(monomial, sum);
    }
  }

  void add(Dim dim, long factor) {
    for (int i = 0; i < dim.monomials.length; i++) {
      add(dim.monomials[i], Math.multiplyExact(dim.coefficients[i], factor));
    }
  }

  Dim dim() {
    Monomial[] monomials = terms.keySet().toArray(new Monomial[0]);
    long[] coefficients = new long[monomials.length];
    int i = 0;
    for (long c : terms.values()) {
      coefficients[i++] = c;
    }
    return new Dim(monomials, coefficients);
  }
}
