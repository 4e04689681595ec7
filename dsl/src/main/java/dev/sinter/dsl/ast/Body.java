package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;

/// What a function does.
public sealed interface Body {
  Span span();

  /// `= expression`.
  record Single(Expr value) implements Body {
    @Override
    public Span span() {
      return value.span();
    }
  }

  /// `{ statements }`.
  record Block(List<Statement> statements, Span span) implements Body {
    public Block {
      statements = List.copyOf(statements);
    }
  }
}
