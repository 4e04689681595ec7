package dev.sinter.dsl.parse;

import java.util.Set;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.InputMismatchException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.TokenStream;
import org.antlr.v4.runtime.atn.ATNState;
import org.antlr.v4.runtime.misc.IntervalSet;

/// Reports a fault once and goes on at the next item, statement or definition.
///
/// Line ends mean nothing to the grammar, but people indent: the next one is taken to begin where a
/// line begins no further right than the one that failed, outside of the brackets opened since.
final class RecoveringStrategy extends DefaultErrorStrategy {
  /// The rules that are skipped whole.
  static final Set<Integer> UNITS =
      Set.of(
          SinterParser.RULE_import_,
          SinterParser.RULE_definition,
          SinterParser.RULE_item,
          SinterParser.RULE_trainItem,
          SinterParser.RULE_edit,
          SinterParser.RULE_statement);

  private static final Set<Integer> BODIES =
      Set.of(
          SinterParser.RULE_file,
          SinterParser.RULE_members,
          SinterParser.RULE_edits,
          SinterParser.RULE_trainMembers,
          SinterParser.RULE_block);

  private final SyntaxFaults faults;

  RecoveringStrategy(SyntaxFaults faults) {
    this.faults = faults;
  }

  @Override
  public void reportError(Parser parser, RecognitionException fault) {
    if (!inErrorRecoveryMode(parser)) {
      beginErrorCondition(parser);
      faults.report(parser, fault);
    }
  }

  /// Unwinds to the unit that failed, and skips it.
  @Override
  public void recover(Parser parser, RecognitionException fault) {
    int rule = parser.getContext().getRuleIndex();
    if (UNITS.contains(rule)) {
      skip(parser, parser.getContext().getStart());
      endErrorCondition(parser);
    } else if (rule != SinterParser.RULE_file) {
      throw fault;
    }
  }

  /// Never makes a token up: what follows would be reported against something that nobody wrote.
  @Override
  public Token recoverInline(Parser parser) {
    throw new InputMismatchException(parser);
  }

  /// Skips what cannot begin a unit, where units are read.
  @Override
  public void sync(Parser parser) {
    if (!BODIES.contains(parser.getContext().getRuleIndex())) {
      return;
    }
    ATNState state = parser.getInterpreter().atn.states.get(parser.getState());
    int type = state.getStateType();
    if (type != ATNState.STAR_LOOP_ENTRY && type != ATNState.STAR_LOOP_BACK) {
      return;
    }
    IntervalSet next = parser.getATN().nextTokens(state);
    while (!next.contains(parser.getCurrentToken().getType())
        && parser.getCurrentToken().getType() != Token.EOF) {
      reportError(parser, new InputMismatchException(parser));
      skip(parser, parser.getCurrentToken());
      endErrorCondition(parser);
    }
  }

  private static void skip(Parser parser, Token start) {
    TokenStream tokens = parser.getTokenStream();
    int depth = 0;
    for (int i = start.getTokenIndex(); i < tokens.index(); i++) {
      depth += nesting(tokens.get(i));
    }
    while (true) {
      Token token = tokens.LT(1);
      boolean first = token.getTokenIndex() <= start.getTokenIndex();
      if (token.getType() == Token.EOF) {
        return;
      }
      if (!first && depth == 0) {
        boolean newLine = token.getLine() > tokens.LT(-1).getLine();
        boolean outdented = token.getCharPositionInLine() <= start.getCharPositionInLine();
        if (token.getType() == SinterLexer.RBRACE || (newLine && outdented)) {
          return;
        }
      }
      depth += nesting(token);
      tokens.consume();
    }
  }

  private static int nesting(Token token) {
    if (token.getChannel() != Token.DEFAULT_CHANNEL) {
      return 0;
    }
    return switch (token.getType()) {
      case SinterLexer.LPAREN, SinterLexer.LBRACKET, SinterLexer.LBRACE -> 1;
      case SinterLexer.RPAREN, SinterLexer.RBRACKET, SinterLexer.RBRACE -> -1;
      default -> 0;
    };
  }
}
