package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;

/// `key k, mix`: sources of randomness, of a module or of a step.
public record Keys(List<Name> names, Span span) implements Item, Statement {
  public Keys {
    names = List.copyOf(names);
  }
}
