package dev.sinter.ir.diagnostic;

/// A span that a diagnostic underlines, and what is to be said about it there (may be empty).
public record Label(Span span, String text) {}
