package dev.sinter.codegen.java.kernel;

import dev.sinter.codegen.java.kernel.Code.Level;
import dev.sinter.ir.Atom;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Integer expressions as Java `int` arithmetic.
///
/// @param names from a symbol to the Java name of the variable that holds it
record IndexCode(UnaryOperator<String> names) {
  /// A power of two. A call of `floorDiv` would be one too many where C2 has inlined much.
  private static final Dim LANES = Dim.symbol(LoopKernel.LANES);

  /// The expression; indices and sizes are `int`, so is all arithmetic on them.
  Code of(Dim dim) {
    Code sum = null;
    for (Dim.Term term : ordered(dim)) {
      boolean negative = term.coefficient() < 0;
      Code product = product(term);
      if (sum == null) {
        sum = negative ? Code.of(Level.UNARY, "-$L", product.at(Level.UNARY)) : product;
      } else {
        sum = Code.binary(Level.SUM, sum, negative ? "-" : "+", product);
      }
    }
    return sum == null ? Code.primary("0") : sum;
  }

  /// Positive terms first, so that no expression begins with a minus without need.
  private static List<Dim.Term> ordered(Dim dim) {
    List<Dim.Term> terms = new ArrayList<>();
    dim.terms().stream().filter(t -> t.coefficient() > 0).forEach(terms::add);
    dim.terms().stream().filter(t -> t.coefficient() < 0).forEach(terms::add);
    return terms;
  }

  private Code product(Dim.Term term) {
    long magnitude = Math.abs(term.coefficient());
    if (magnitude > Integer.MAX_VALUE) {
      throw new CompilerBug("emit", term.dim() + " does not fit an int");
    }
    Code product = null;
    for (Atom atom : term.atoms()) {
      Code factor = atom(atom);
      product = product == null ? factor : Code.binary(Level.PRODUCT, product, "*", factor);
    }
    Code constant = Code.primary("$L", magnitude);
    if (product == null) {
      return constant;
    }
    return magnitude == 1 ? product : Code.binary(Level.PRODUCT, product, "*", constant);
  }

  private Code atom(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name) ->
          Code.primary("$L", name.equals(LoopKernel.LANES) ? "LANES" : names.apply(name));
      case Atom.FloorQuotient(Dim a, Dim b) when b.equals(LANES) ->
          Code.binary(Level.SHIFT, of(a), ">>", Code.primary("LANE_BITS"));
      case Atom.FloorQuotient(Dim a, Dim b) ->
          isNatural(a) && isNatural(b)
              ? Code.binary(Level.PRODUCT, of(a), "/", of(b))
              : Code.primary("Math.floorDiv($L, $L)", of(a).block(), of(b).block());
      case Atom.Max(Dim a, Dim b) -> Code.primary("Math.max($L, $L)", of(a).block(), of(b).block());
      case Atom.Min(Dim a, Dim b) -> Code.primary("Math.min($L, $L)", of(a).block(), of(b).block());
    };
  }

  /// Whether an expression is surely not negative: every variable is an index or a size.
  private static boolean isNatural(Dim dim) {
    return dim.terms().stream()
        .allMatch(
            t -> t.coefficient() >= 0 && t.atoms().stream().allMatch(IndexCode::isNaturalAtom));
  }

  private static boolean isNaturalAtom(Atom atom) {
    return switch (atom) {
      case Atom.Symbol symbol -> true;
      case Atom.FloorQuotient(Dim a, Dim b) -> isNatural(a) && isNatural(b);
      case Atom.Max(Dim a, Dim b) -> isNatural(a) || isNatural(b);
      case Atom.Min(Dim a, Dim b) -> isNatural(a) && isNatural(b);
    };
  }
}
