package dev.sinter.dsl.parse;

import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.RuleContext;
import org.antlr.v4.runtime.Token;

/// Where the parser stumbled.
///
/// @param start the token at which the choice began that failed at `found`; the same where none was
///   needed
record Stumble(Parser parser, Token start, Token found, Expected expected) {
  int rule() {
    return parser.getContext().getRuleIndex();
  }

  /// Whether `rule` is being read, here or further out.
  boolean within(int rule) {
    for (RuleContext at = parser.getContext(); at != null; at = at.parent) {
      if (at.getRuleIndex() == rule) {
        return true;
      }
    }
    return false;
  }

  /// Whether a unit (an item, a statement, a definition) begins with what `found` stands in.
  boolean beginsBody(int rule) {
    return rule() == rule && start.equals(found);
  }

  /// The token `count` places before `found`, hidden ones not counted.
  Token before(int count) {
    Token token = found;
    for (int i = found.getTokenIndex() - 1, left = count; i >= 0 && left > 0; i--) {
      Token at = parser.getTokenStream().get(i);
      if (at.getChannel() == Token.DEFAULT_CHANNEL) {
        token = at;
        left--;
      }
    }
    return token;
  }
}
