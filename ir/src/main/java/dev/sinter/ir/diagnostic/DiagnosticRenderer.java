package dev.sinter.ir.diagnostic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Shows diagnostics with the source lines they speak of, in the manner of Rust and Elm:
///
/// ```
/// error[SIN0201]: nothing is called `lenght`
///   --> net.sinter:3:9
///    |
///  3 |   y = x + lenght
///    |           ^^^^^^ not defined
///    = note: ...
///    = help: write `length`
/// ```
///
/// @param colours whether to set colours by ANSI sequences
public record DiagnosticRenderer(boolean colours) {
  private static final String RED = "31";
  private static final String YELLOW = "33";
  private static final String BLUE = "34";
  private static final String BOLD = "1";

  /// All of `diagnostics`, an empty line between each two.
  public String render(List<Diagnostic> diagnostics) {
    StringBuilder out = new StringBuilder();
    for (Diagnostic diagnostic : diagnostics) {
      if (!out.isEmpty()) {
        out.append('\n');
      }
      out.append(render(diagnostic));
    }
    return out.toString();
  }

  /// One diagnostic, ending in a line break.
  public String render(Diagnostic diagnostic) {
    StringBuilder out = new StringBuilder();
    String colour = diagnostic.severity() == Severity.ERROR ? RED : YELLOW;
    out.append(
            paint(
                diagnostic.severity().word() + "[" + diagnostic.code().code() + "]",
                BOLD + ";" + colour))
        .append(paint(": " + visible(diagnostic.message()), BOLD))
        .append('\n');
    int gutter = gutterWidth(diagnostic);
    bySource(diagnostic)
        .forEach((source, labels) -> appendSource(out, diagnostic, source, labels, gutter, colour));
    diagnostic.notes().forEach(note -> appendNote(out, gutter, "note", note));
    diagnostic.help().forEach(help -> appendNote(out, gutter, "help", help));
    return out.toString();
  }

  private static Map<SourceText, List<Label>> bySource(Diagnostic diagnostic) {
    Map<SourceText, List<Label>> sources = new LinkedHashMap<>();
    List<Label> labels = new ArrayList<>(List.of(diagnostic.primary()));
    labels.addAll(diagnostic.secondary());
    for (Label label : labels) {
      if (!label.span().isNone()) {
        sources.computeIfAbsent(label.span().source(), s -> new ArrayList<>()).add(label);
      }
    }
    return sources;
  }

  private static int gutterWidth(Diagnostic diagnostic) {
    int last = diagnostic.span().line();
    for (Label label : diagnostic.secondary()) {
      last = Math.max(last, label.span().line());
    }
    return Integer.toString(last).length();
  }

  private void appendSource(
      StringBuilder out,
      Diagnostic diagnostic,
      SourceText source,
      List<Label> labels,
      int gutter,
      String colour) {
    Label first = labels.getFirst();
    String arrow = first.equals(diagnostic.primary()) ? "-->" : ":::";
    out.append(" ".repeat(gutter + 1))
        .append(paint(arrow, BLUE))
        .append(' ')
        .append(visible(first.span().toString()));
    out.append('\n').append(bar(gutter)).append('\n');
    Map<Integer, List<Label>> lines = new TreeMap<>();
    labels.forEach(l -> lines.computeIfAbsent(l.span().line(), n -> new ArrayList<>()).add(l));
    int previous = 0;
    for (Map.Entry<Integer, List<Label>> entry : lines.entrySet()) {
      int line = entry.getKey();
      if (previous != 0 && line > previous + 1) {
        out.append(" ".repeat(gutter + 1)).append(paint("...", BLUE)).append('\n');
      }
      previous = line;
      appendLine(
          out,
          diagnostic,
          SourceLine.around(source, line, entry.getValue()),
          entry.getValue(),
          gutter,
          colour);
    }
  }

  private void appendLine(
      StringBuilder out,
      Diagnostic diagnostic,
      SourceLine line,
      List<Label> labels,
      int gutter,
      String colour) {
    String number = Integer.toString(line.number());
    out.append(' ').append(" ".repeat(gutter - number.length())).append(paint(number + " |", BLUE));
    out.append(line.text().isEmpty() ? "" : " ").append(line.text()).append('\n');
    for (Label label : labels) {
      boolean primary = label.equals(diagnostic.primary());
      String mark = (primary ? "^" : "-").repeat(line.widthOf(label.span()));
      String text = label.text().isEmpty() ? "" : " " + visible(label.text());
      out.append(bar(gutter)).append(' ').append(" ".repeat(line.indentOf(label.span())));
      out.append(paint(mark + text, primary ? colour : BLUE)).append('\n');
    }
  }

  private void appendNote(StringBuilder out, int gutter, String word, String text) {
    String[] lines = visible(text).split("\n", -1);
    String indent = " ".repeat(gutter + 2);
    out.append(indent)
        .append(paint("=", BLUE))
        .append(' ')
        .append(paint(word, BOLD))
        .append(": ")
        .append(lines[0]);
    out.append('\n');
    for (int i = 1; i < lines.length; i++) {
      out.append(indent).append("        ").append(lines[i]).append('\n');
    }
  }

  private String bar(int gutter) {
    return " ".repeat(gutter + 2) + paint("|", BLUE);
  }

  private String paint(String text, String sequence) {
    return colours ? "\u001b[" + sequence + "m" + text + "\u001b[0m" : text;
  }

  // A file may hold terminal sequences, and messages quote it.
  /// `text` without characters that would move a terminal's cursor or change its colours.
  public static String visible(String text) {
    return text.codePoints()
        .map(c -> c == '\n' ? c : SourceLine.visible(c))
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
