package dev.sinter.ir;

/// Prints the normal form of a [Dim], which [DimParser] reads back: `2*N + 1`.
final class DimPrinter {
  private DimPrinter() {}

  static String print(Dim dim) {
    if (dim.monomials.length == 0) {
      return "0";
    }
    StringBuilder out = new StringBuilder();
    int first = 0;
    while (first < dim.coefficients.length && dim.coefficients[first] < 0) {
      first++;
    }
    // A sum begins with its first positive term, if it has one.
    if (first < dim.coefficients.length) {
      print(dim, first, out);
    }
    for (int i = 0; i < dim.monomials.length; i++) {
      if (i != first) {
        print(dim, i, out);
      }
    }
    return out.toString();
  }

  private static void print(Dim dim, int term, StringBuilder out) {
    long c = dim.coefficients[term];
    out.append(out.isEmpty() ? (c < 0 ? "-" : "") : c < 0 ? " - " : " + ");
    // Text of the magnitude; Long.MIN_VALUE has none as a long.
    String magnitude = Long.toString(c).replace("-", "");
    if (dim.monomials[term].degree() == 0) {
      out.append(magnitude);
    } else {
      out.append(magnitude.equals("1") ? "" : magnitude + "*").append(dim.monomials[term]);
    }
  }
}
