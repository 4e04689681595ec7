package dev.sinter.dsl.parse;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import org.antlr.v4.runtime.NoViableAltException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.RuleContext;
import org.antlr.v4.runtime.Token;

/// Turns what the parser stumbles over into a diagnostic in words.
final class SyntaxFaults {
  private final SourceText source;
  private final Diagnostics diagnostics;

  SyntaxFaults(SourceText source, Diagnostics diagnostics) {
    this.source = source;
    this.diagnostics = diagnostics;
  }

  void report(Parser parser, RecognitionException fault) {
    Token found =
        fault.getOffendingToken() == null ? parser.getCurrentToken() : fault.getOffendingToken();
    Token start =
        fault instanceof NoViableAltException choice
            ? choice.getStartToken()
            : parser.getCurrentToken();
    Span span = Tree.span(source, found, found);
    if (followsFromAnother(parser.getContext(), span)) {
      return;
    }
    Expected expected =
        start.equals(found)
            ? Expected.at(parser)
            : Expected.inside(parser.getContext().getRuleIndex());
    String what = found.getType() == Token.EOF ? "the text ends" : "found `" + span.text() + "`";
    String message =
        expected.isEmpty() ? what + ", which does not fit here" : what + " where " + expected;
    Stumble stumble = new Stumble(parser, start, found, expected);
    Slip slip = Slips.find(stumble);
    Diagnostic diagnostic =
        Diagnostic.error(
            slip == null ? DiagnosticCode.UNEXPECTED_TEXT : slip.code(),
            span,
            slip == null || slip.message().isEmpty() ? message : slip.message());
    if (slip != null) {
      diagnostic = diagnostic.help(slip.help());
    }
    diagnostics.report(within(diagnostic, parser.getContext(), span));
  }

  /// Whether the check of the tokens has reported something in the same unit, which may well be the
  /// cause.
  private boolean followsFromAnother(RuleContext context, Span span) {
    int start = span.start();
    for (RuleContext at = context; at != null; at = at.parent) {
      if (RecoveringStrategy.UNITS.contains(at.getRuleIndex())
          && at instanceof ParserRuleContext unit) {
        start = Math.min(start, unit.getStart().getStartIndex());
        break;
      }
    }
    int from = start;
    return diagnostics.list().stream()
        .anyMatch(d -> d.span().start() >= from && d.span().start() <= span.start());
  }

  /// Adds the beginning of the construct that was being read, where it is not this very place.
  private Diagnostic within(Diagnostic diagnostic, RuleContext context, Span span) {
    for (RuleContext at = context; at != null; at = at.parent) {
      String words = Expected.construct(at.getRuleIndex());
      if (!words.isEmpty() && at instanceof ParserRuleContext rule) {
        Token start = rule.getStart();
        Span begun = Tree.span(source, start, start);
        return begun.start() >= span.start()
            ? diagnostic
            : diagnostic.also(begun, "in " + words + " begun here");
      }
    }
    return diagnostic;
  }
}
