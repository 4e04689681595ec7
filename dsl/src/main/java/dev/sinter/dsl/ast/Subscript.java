package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import org.jspecify.annotations.Nullable;

/// One entry between the brackets after a value.
public sealed interface Subscript {
  Span span();

  /// `:`: the whole axis.
  record All(Span span) implements Subscript {}

  /// `..` or `..s`: all axes that the others leave.
  record Rest(@Nullable Name name, Span span) implements Subscript {}

  /// `i`: one place; the axis is gone.
  record At(Expr place) implements Subscript {
    @Override
    public Span span() {
      return place.span();
    }
  }

  /// `a..b`: from the first up to but without the second.
  record Slice(Expr from, Expr to, Span span) implements Subscript {}
}
