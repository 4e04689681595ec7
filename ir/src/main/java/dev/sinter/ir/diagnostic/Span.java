package dev.sinter.ir.diagnostic;

/// A stretch of a source text, from offset `start` up to but without `end`.
///
/// Tokens, syntax, graph nodes and diagnostics carry one, so that whatever goes wrong later can
/// point into the text.
public record Span(SourceText source, int start, int end) {
  /// The span of what no text stands behind.
  public static final Span NONE = new Span(SourceText.NONE, 0, 0);

  public Span {
    if (start < 0 || end < start || end > source.text().length()) {
      throw new IllegalArgumentException("no span " + start + ".." + end + " in " + source.name());
    }
  }

  /// Whether no text stands behind this.
  public boolean isNone() {
    return source.equals(SourceText.NONE);
  }

  /// The stretch from the start of this to the end of `last`; this alone if they lie in different
  /// texts.
  public Span to(Span last) {
    if (!source.equals(last.source)) {
      return this;
    }
    return new Span(source, Math.min(start, last.start), Math.max(end, last.end));
  }

  /// The line of the start, from 1.
  public int line() {
    return source.line(start);
  }

  /// The column of the start, from 1.
  public int column() {
    return source.column(start);
  }

  /// The text itself.
  public String text() {
    return source.text().substring(start, end);
  }

  /// `file:line:column`, or nothing where there is no text.
  @Override
  public String toString() {
    return isNone() ? "" : source.name() + ":" + line() + ":" + column();
  }
}
