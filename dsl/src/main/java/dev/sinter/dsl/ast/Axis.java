package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import org.jspecify.annotations.Nullable;

/// An axis of index notation, on the left of its `=` or after `for`.
public sealed interface Axis {
  Span span();

  /// `n`, or `l in 0..L - K + 1`.
  record Single(Name name, @Nullable Range range, Span span) implements Axis {}

  /// `..s`: any number of axes.
  record Rest(Name name, Span span) implements Axis {}
}
