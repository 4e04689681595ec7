package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.StringLiteral;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;

/// Reads numbers and strings.
final class LiteralBuilder {
  private final Tree tree;

  LiteralBuilder(Tree tree) {
    this.tree = tree;
  }

  Expr.Numeral number(SinterParser.NumberContext context) {
    Span span = tree.span(context);
    String text = span.text();
    if (context.INT() != null) {
      return new Expr.Numeral(text, integer(context.getStart()), span);
    }
    double value = Double.parseDouble(text.replace("_", ""));
    if (Double.isInfinite(value)) {
      tree.report(
          DiagnosticCode.MALFORMED_NUMBER,
          span,
          "this number is beyond the largest f64",
          "infinity is `inf`");
    }
    return new Expr.Numeral(text, value, span);
  }

  long integer(Token token) {
    Span span = tree.span(token);
    try {
      return Long.parseLong(span.text().replace("_", ""));
    } catch (NumberFormatException tooLarge) {
      tree.report(
          DiagnosticCode.MALFORMED_NUMBER,
          span,
          "this number does not fit in 64 bits",
          "a number with a point may be larger: `1e30`");
      return 0;
    }
  }

  StringLiteral string(TerminalNode node) {
    Span span = tree.span(node);
    String raw = span.text();
    StringBuilder value = new StringBuilder();
    int i = 1;
    while (i < raw.length() - 1) {
      char c = raw.charAt(i++);
      if (c != '\\') {
        value.append(c);
        continue;
      }
      char escaped = raw.charAt(i++);
      switch (escaped) {
        case '"' -> value.append('"');
        case '\\' -> value.append('\\');
        case 'n' -> value.append('\n');
        case 't' -> value.append('\t');
        default ->
            tree.report(
                DiagnosticCode.BAD_ESCAPE,
                new Span(span.source(), span.start() + i - 2, span.start() + i),
                "strings have no escape `\\" + escaped + "`",
                "a backslash is written `\\\\`; the others are `\\\"`, `\\n` and `\\t`");
      }
    }
    return new StringLiteral(value.toString(), raw, span);
  }
}
