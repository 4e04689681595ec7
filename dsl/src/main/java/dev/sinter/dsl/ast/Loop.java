package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import org.jspecify.annotations.Nullable;

/// The parts of loops.
public final class Loop {
  private Loop() {}

  /// `x in xs` or `i in 0..n`; `to` is null where the elements of a value are meant.
  public record Each(Name name, Expr from, @Nullable Expr to, Span span) {}

  /// `h = h0`: a carried value and what it is at first.
  public record Carry(Name name, Expr initial, Span span) {}
}
