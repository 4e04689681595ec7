package dev.sinter.ir;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A product of atoms in their order; the empty product is 1.
final class Monomial implements Comparable<Monomial> {
  static final Monomial ONE = new Monomial(List.of());

  final List<Atom> atoms;
  private final int hash;

  /// @param atoms in their order
  Monomial(List<Atom> atoms) {
    this.atoms = atoms;
    this.hash = atoms.hashCode();
  }

  static Monomial of(List<Atom> atoms) {
    List<Atom> sorted = new ArrayList<>(atoms);
    sorted.sort(Monomial::compare);
    return new Monomial(List.copyOf(sorted));
  }

  int degree() {
    return atoms.size();
  }

  Monomial times(Monomial other) {
    if (atoms.isEmpty()) {
      return other;
    }
    if (other.atoms.isEmpty()) {
      return this;
    }
    List<Atom> all = new ArrayList<>(atoms);
    all.addAll(other.atoms);
    return of(all);
  }

  /// This product without the atoms of `divisor`, or null where one of them is missing.
  @Nullable Monomial without(Monomial divisor) {
    if (divisor.atoms.isEmpty()) {
      return this;
    }
    List<Atom> rest = new ArrayList<>(atoms);
    for (Atom atom : divisor.atoms) {
      if (!rest.remove(atom)) {
        return null;
      }
    }
    return new Monomial(List.copyOf(rest));
  }

  /// The atoms that both products have.
  Monomial common(Monomial other) {
    List<Atom> both = new ArrayList<>();
    List<Atom> rest = new ArrayList<>(other.atoms);
    for (Atom atom : atoms) {
      if (rest.remove(atom)) {
        both.add(atom);
      }
    }
    return new Monomial(List.copyOf(both));
  }

  @Override
  public int compareTo(Monomial other) {
    // Higher degrees first, so that a constant term ends the text.
    int order = Integer.compare(other.degree(), degree());
    for (int i = 0; order == 0 && i < atoms.size(); i++) {
      order = compare(atoms.get(i), other.atoms.get(i));
    }
    return order;
  }

  /// A fixed order: symbols by name first, then the others by what they are made of.
  private static int compare(Atom a, Atom b) {
    return switch (a) {
      case Atom.Symbol(String name) ->
          b instanceof Atom.Symbol other ? name.compareTo(other.name()) : -1;
      case Atom.FloorQuotient(Dim n, Dim d) ->
          b instanceof Atom.FloorQuotient(Dim m, Dim e) ? compare(n, d, m, e) : rank(a) - rank(b);
      case Atom.Max(Dim l, Dim r) ->
          b instanceof Atom.Max(Dim m, Dim s) ? compare(l, r, m, s) : rank(a) - rank(b);
      case Atom.Min(Dim l, Dim r) ->
          b instanceof Atom.Min(Dim m, Dim s) ? compare(l, r, m, s) : rank(a) - rank(b);
    };
  }

  private static int compare(Dim a, Dim b, Dim c, Dim d) {
    int first = a.compareTo(c);
    return first != 0 ? first : b.compareTo(d);
  }

  private static int rank(Atom atom) {
    return switch (atom) {
      case Atom.Symbol symbol -> 0;
      case Atom.FloorQuotient quotient -> 1;
      case Atom.Max max -> 2;
      case Atom.Min min -> 3;
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Monomial that && hash == that.hash && atoms.equals(that.atoms);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return atoms.stream().map(Atom::toString).collect(Collectors.joining("*"));
  }
}
