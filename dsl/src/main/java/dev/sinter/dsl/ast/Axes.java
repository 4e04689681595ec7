package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;

/// An axis pattern: `{..s i, o i -> ..s o}`.
///
/// @param from the axes of each operand
/// @param to the axes of the result
public record Axes(List<List<Term>> from, List<Term> to, Span span) {
  public Axes {
    from = from.stream().map(List::copyOf).toList();
    to = List.copyOf(to);
  }

  /// One axis, or several seen as one.
  public sealed interface Term {
    Span span();

    /// `n`.
    record Single(Name name) implements Term {
      @Override
      public Span span() {
        return name.span();
      }
    }

    /// `..s`.
    record Rest(Name name, Span span) implements Term {}

    /// `1`.
    record Size(long size, Span span) implements Term {}

    /// `(h d)`: one axis made of several.
    record Group(List<Term> terms, Span span) implements Term {
      public Group {
        terms = List.copyOf(terms);
      }
    }
  }
}
