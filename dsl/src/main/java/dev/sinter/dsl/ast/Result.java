package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;

/// What a function gives: one value, or named ones.
public sealed interface Result {
  Span span();

  /// `-> f32[N, D]`.
  record Single(TypeSyntax type) implements Result {
    @Override
    public Span span() {
      return type.span();
    }
  }

  /// `-> (y: f32[N, T, H], last: f32[N, H])`.
  record Named(List<Field> fields, Span span) implements Result {
    public Named {
      fields = List.copyOf(fields);
    }
  }
}
