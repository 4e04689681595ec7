package dev.sinter.ir.diagnostic;

import java.util.List;

/// One line of a source as it is shown: control characters made visible, a very long one cut to a
/// window.
///
/// @param number of the line, from 1
/// @param text what is shown
/// @param from the offset in the source of the first character shown
/// @param to the offset after the last one shown
/// @param lead how many columns stand before that first character
record SourceLine(SourceText source, int number, String text, int from, int to, int lead) {
  private static final int WIDTH = 160;
  private static final int BEFORE = 60;
  private static final String CUT = "... ";

  /// The line `number` of `source`, so cut that the first of `labels` is seen.
  static SourceLine around(SourceText source, int number, List<Label> labels) {
    int start = source.lineStart(number);
    int end = source.lineEnd(number);
    if (end - start <= WIDTH) {
      return new SourceLine(source, number, shown(source, start, end), start, end, 0);
    }
    int wanted = labels.getFirst().span().start() - BEFORE;
    int from = Math.max(start, Math.min(wanted, end - WIDTH));
    int to = Math.min(end, from + WIDTH);
    from = Character.isLowSurrogate(source.text().charAt(from)) ? from + 1 : from;
    String before = from > start ? CUT : "";
    String after = to < end ? " ..." : "";
    return new SourceLine(
        source, number, before + shown(source, from, to) + after, from, to, before.length());
  }

  /// How many columns stand before `span`.
  int indentOf(Span span) {
    int at = Math.clamp(span.start(), from, to);
    return lead + source.text().codePointCount(from, at);
  }

  /// How many columns of this line `span` covers, at least one.
  int widthOf(Span span) {
    int first = Math.clamp(span.start(), from, to);
    int last = Math.clamp(span.end(), first, Math.max(first, to));
    return Math.max(1, source.text().codePointCount(first, last));
  }

  private static String shown(SourceText source, int from, int to) {
    StringBuilder out = new StringBuilder();
    source
        .text()
        .substring(from, to)
        .codePoints()
        .map(SourceLine::visible)
        .forEach(out::appendCodePoint);
    return out.toString().stripTrailing();
  }

  /// `codePoint`, or a stand-in of the same width for what a terminal would obey or not show.
  static int visible(int codePoint) {
    if (codePoint == '\t') {
      return ' ';
    }
    int type = Character.getType(codePoint);
    boolean hidden =
        type == Character.CONTROL
            || type == Character.FORMAT
            || type == Character.SURROGATE
            || type == Character.LINE_SEPARATOR
            || type == Character.PARAGRAPH_SEPARATOR;
    return hidden ? '\uFFFD' : codePoint;
  }
}
