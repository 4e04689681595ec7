package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import org.jspecify.annotations.Nullable;

/// An argument, by position or by name: `stride = 2`.
public record Argument(@Nullable Name name, Expr value, Span span) {}
