package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;

/// One entry between the brackets of a type or of sizes.
public sealed interface DimSyntax {
  Span span();

  /// `..S`: any number of dims.
  record Rest(Name name, Span span) implements DimSyntax {}

  /// `4 * C`: one size.
  record Single(Expr size) implements DimSyntax {
    @Override
    public Span span() {
      return size.span();
    }
  }
}
