package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import org.jspecify.annotations.Nullable;

/// A parameter or a named result: `momentum: float = 0.1`.
public record Field(Name name, TypeSyntax type, @Nullable Expr value, Span span) {}
