package dev.sinter.ir;

import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// An indivisible part of a [Dim]: a symbol, or what is no polynomial of symbols.
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
      return "floor(" + group(numerator) + " / " + group(denominator) + ")";
    }

    private static String group(Dim dim) {
      boolean simple = dim.isConstant() ? !dim.isNegativeConstant() : dim.soleAtom() != null;
      return simple ? dim.toString() : "(" + dim + ")";
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

  /// Adds the names of all symbols in the atom.
  default void collectSymbols(Set<String> names) {
    switch (this) {
      case Symbol(String name) -> names.add(name);
      case FloorQuotient(Dim a, Dim b) -> {
        a.collectSymbols(names);
        b.collectSymbols(names);
      }
      case Max(Dim a, Dim b) -> {
        a.collectSymbols(names);
        b.collectSymbols(names);
      }
      case Min(Dim a, Dim b) -> {
        a.collectSymbols(names);
        b.collectSymbols(names);
      }
    }
  }

  /// The value under the symbols' values.
  default long evaluate(ToLongFunction<String> value) {
    return switch (this) {
      case Symbol(String name) -> value.applyAsLong(name);
      case FloorQuotient(Dim a, Dim b) -> Math.floorDiv(a.evaluate(value), b.evaluate(value));
      case Max(Dim a, Dim b) -> Math.max(a.evaluate(value), b.evaluate(value));
      case Min(Dim a, Dim b) -> Math.min(a.evaluate(value), b.evaluate(value));
    };
  }

  /// The atom with the atoms inside it replaced, and then itself; `rule` answers null to keep one.
  default Dim rewrite(Function<Atom, @Nullable Dim> rule) {
    Dim inner =
        switch (this) {
          case Symbol symbol -> Dim.atom(symbol);
          case FloorQuotient(Dim a, Dim b) -> a.rewrite(rule).floorDiv(b.rewrite(rule));
          case Max(Dim a, Dim b) -> a.rewrite(rule).max(b.rewrite(rule));
          case Min(Dim a, Dim b) -> a.rewrite(rule).min(b.rewrite(rule));
        };
    Atom left = inner.soleAtom();
    // A symbol that a quotient came down to was replaced inside it.
    if (left == null || (left instanceof Symbol && !(this instanceof Symbol))) {
      return inner;
    }
    Dim replaced = rule.apply(left);
    return replaced == null ? inner : replaced;
  }
}
