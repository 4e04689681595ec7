package dev.sinter.dsl.parse;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.ErrorNode;
import org.antlr.v4.runtime.tree.ParseTreeListener;
import org.antlr.v4.runtime.tree.TerminalNode;

/// Stops the parser, and all that recurse over its tree later, from running out of stack.
///
/// Brackets are counted before; this bounds what nests without them: `not not x`, `a ** b ** c`,
/// `else if`.
final class NestingLimit implements ParseTreeListener {
  // TokenCheck.MAX_DEPTH brackets of at most 16 rules each, and as much again without brackets.
  private static final int MAX_RULES = 3_000;

  private final SourceText source;
  private int depth;

  NestingLimit(SourceText source) {
    this.source = source;
  }

  @Override
  public void enterEveryRule(ParserRuleContext context) {
    if (++depth > MAX_RULES) {
      Token at = context.getStart();
      Span span = Tree.span(source, at, at);
      throw new DiagnosticException(
          Diagnostic.error(
                  DiagnosticCode.NESTED_TOO_DEEPLY, span, "this expression nests too deeply")
              .help("give a part of it a name"));
    }
  }

  @Override
  public void exitEveryRule(ParserRuleContext context) {
    depth--;
  }

  @Override
  public void visitTerminal(TerminalNode node) {}

  @Override
  public void visitErrorNode(ErrorNode node) {}
}
