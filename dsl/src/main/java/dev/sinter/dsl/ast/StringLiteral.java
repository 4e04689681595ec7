package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;

/// A string.
///
/// @param value with its escapes read
/// @param raw as it is written, with the quotes
public record StringLiteral(String value, String raw, Span span) {}
