package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;

/// `0..n`: from the first up to but without the second.
public record Range(Expr from, Expr to, Span span) {}
