package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Name;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;

/// What the builders share: the text under a parse tree, its tokens, and where faults go.
record Tree(SourceText source, CommonTokenStream tokens, Diagnostics diagnostics) {
  /// From the beginning of `first` to the end of `last`.
  static Span span(SourceText source, Token first, Token last) {
    int length = source.text().length();
    int start = Math.clamp(first.getStartIndex(), 0, length);
    // The end of the file is a token whose last character lies before its first.
    int end =
        last.getType() == Token.EOF ? start : Math.clamp(last.getStopIndex() + 1L, start, length);
    return new Span(source, start, end);
  }

  Span span(Token token) {
    return span(source, token, token);
  }

  Span span(ParserRuleContext context) {
    return span(source, context.getStart(), context.getStop());
  }

  Span span(TerminalNode node) {
    return span(node.getSymbol());
  }

  Name name(Token token) {
    Span span = span(token);
    return new Name(span.text(), span);
  }

  Name name(TerminalNode node) {
    return name(node.getSymbol());
  }

  Name name(SinterParser.NameContext context) {
    return name(context.getStart());
  }

  List<Name> names(List<SinterParser.NameContext> contexts) {
    return contexts.stream().map(this::name).toList();
  }

  void report(DiagnosticCode code, Span span, String message, String help) {
    diagnostics.report(Diagnostic.error(code, span, message).help(help));
  }

  /// The text of the `///` lines right above `context`, a line each, without the slashes and the
  /// space after them.
  String doc(ParserRuleContext context) {
    List<String> lines = new ArrayList<>();
    for (int i = context.getStart().getTokenIndex() - 1; i >= 0; i--) {
      Token token = tokens.get(i);
      if (token.getType() == SinterLexer.DOC) {
        String text = span(token).text().substring(3);
        lines.add((text.startsWith(" ") ? text.substring(1) : text).stripTrailing());
      } else if (token.getType() != SinterLexer.SPACE) {
        break;
      }
    }
    Collections.reverse(lines);
    return String.join("\n", lines);
  }
}
