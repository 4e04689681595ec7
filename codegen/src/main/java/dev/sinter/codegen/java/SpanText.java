package dev.sinter.codegen.java;

import dev.sinter.ir.diagnostic.Span;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Lines of a model's text as comments in generated code.
final class SpanText {
  /// Lines named in one comment.
  private static final int MOST = 6;

  private static final int WIDTH = 80;

  private SpanText() {}

  /// A comment line for each line of the text: `// digits.sinter:12 h = relu(fc(x))`. The file is
  /// named without its folder, which differs between machines.
  static List<String> comments(List<Span> spans) {
    Set<String> lines = new LinkedHashSet<>();
    for (Span span : spans) {
      if (!span.isNone()) {
        String name = span.source().name();
        String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        int start = span.source().lineStart(span.line());
        int end = span.source().lineEnd(span.line());
        String text = span.source().text().substring(start, end).strip();
        lines.add(safe(file + ":" + span.line() + "  " + text));
      }
    }
    if (lines.size() <= MOST) {
      return List.copyOf(lines);
    }
    List<String> shown = new java.util.ArrayList<>(lines.stream().limit(MOST).toList());
    shown.add("and " + (lines.size() - MOST) + " more lines");
    return shown;
  }

  /// Text that ends no comment and is no Unicode escape.
  static String safe(String text) {
    String cut = text.length() > WIDTH ? text.substring(0, WIDTH) + "..." : text;
    return cut.replace('\\', '/').replace("*/", "* /").replaceAll("\\p{Cntrl}", " ");
  }
}
