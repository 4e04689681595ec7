package dev.sinter.dsl.write;

import dev.sinter.ir.Atom;
import dev.sinter.ir.Dim;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Sizes and indices as the language writes them.
///
/// @param names from a symbol to its name in the text
record SizeText(UnaryOperator<String> names) {
  /// The expression.
  Piece piece(Dim dim) {
    if (dim.isConstant()) {
      return number(dim.constant());
    }
    List<Dim.Term> terms = new ArrayList<>(dim.terms());
    // What is added comes before what is taken away.
    terms.sort((a, b) -> Boolean.compare(a.coefficient() < 0, b.coefficient() < 0));
    if (terms.size() == 1) {
      return term(terms.getFirst());
    }
    StringBuilder out = new StringBuilder();
    for (Dim.Term term : terms) {
      boolean negative = term.coefficient() < 0 && !out.isEmpty();
      Dim.Term shown =
          negative ? new Dim.Term(Math.negateExact(term.coefficient()), term.atoms()) : term;
      out.append(out.isEmpty() ? "" : negative ? " - " : " + ");
      out.append(term(shown).at(out.isEmpty() ? Piece.SUM : Piece.PRODUCT));
    }
    return new Piece(out.toString(), Piece.SUM);
  }

  /// The text of a list, `[N, 4]` without the brackets.
  String list(List<Dim> dims) {
    return String.join(", ", dims.stream().map(d -> piece(d).text()).toList());
  }

  static Piece number(long value) {
    if (value == Long.MIN_VALUE) {
      return new Piece(value + 1 + " - 1", Piece.SUM);
    }
    return new Piece(Long.toString(value), value < 0 ? Piece.UNARY : Piece.POSTFIX);
  }

  private Piece term(Dim.Term term) {
    List<String> factors = new ArrayList<>();
    if (term.atoms().isEmpty()) {
      return number(term.coefficient());
    }
    String sign = term.coefficient() == -1 ? "-" : "";
    if (term.coefficient() != 1 && term.coefficient() != -1) {
      factors.add(number(term.coefficient()).at(Piece.UNARY));
    }
    term.atoms().forEach(atom -> factors.add(atom(atom)));
    String product = sign + String.join(" * ", factors);
    return new Piece(
        product, factors.size() > 1 ? Piece.PRODUCT : sign.isEmpty() ? Piece.POSTFIX : Piece.UNARY);
  }

  private String atom(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name) -> names.apply(name);
      case Atom.FloorQuotient(Dim a, Dim b) ->
          "floor(" + piece(a).at(Piece.PRODUCT) + " / " + piece(b).at(Piece.UNARY) + ")";
      case Atom.Max(Dim a, Dim b) -> "max(" + piece(a).text() + ", " + piece(b).text() + ")";
      case Atom.Min(Dim a, Dim b) -> "min(" + piece(a).text() + ", " + piece(b).text() + ")";
    };
  }
}
