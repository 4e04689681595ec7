package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;

/// A comment with its slashes and without its line end.
///
/// @param trailing whether other text stands before it on its line
public record Comment(String text, boolean trailing, Span span) {}
