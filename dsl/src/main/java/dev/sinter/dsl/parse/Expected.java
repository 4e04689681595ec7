package dev.sinter.dsl.parse;

import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.IntervalSet;

/// What could have come next, in words: thirty tokens become "an expression" or "another
/// statement".
///
/// @param words ready to stand after "where"; empty if there are none
/// @param tokens the types behind them; empty where they are not known
record Expected(String words, IntervalSet tokens) {
  private static final int MOST = 4;
  private static final int[] OPERATORS = {
    SinterLexer.PLUS, SinterLexer.STAR, SinterLexer.POWER, SinterLexer.AND, SinterLexer.OR
  };

  /// What the grammar allows at the parser's place.
  static Expected at(Parser parser) {
    IntervalSet tokens = parser.getExpectedTokens();
    List<String> words = new ArrayList<>();
    IntervalSet left = new IntervalSet(tokens);
    take(left, words);
    if (words.isEmpty() && left.size() > MOST) {
      return new Expected(ofRule(parser.getContext().getRuleIndex()), tokens);
    }
    if (left.contains(SinterLexer.FLOAT)) {
      left.remove(SinterLexer.INT);
    }
    for (int type : left.toArray()) {
      if (words.size() < MOST) {
        words.add(name(type));
      }
    }
    return new Expected(words.isEmpty() ? "" : join(words) + " should be", tokens);
  }

  /// What `rule` wants after its first word.
  static Expected inside(int rule) {
    return new Expected(ofRule(rule), new IntervalSet());
  }

  boolean isEmpty() {
    return words.isEmpty();
  }

  boolean has(int type) {
    return tokens.contains(type);
  }

  /// Whether an expression could have begun.
  boolean expression() {
    return has(SinterLexer.INT) && has(SinterLexer.LPAREN) && has(SinterLexer.SCAN);
  }

  /// Whether a name could have come, and no expression.
  boolean onlyName() {
    return has(SinterLexer.ID) && !expression();
  }

  @Override
  public String toString() {
    return words;
  }

  // Takes the groups out of `left` and names them; the larger ones first, because they hold the
  // smaller.
  private static void take(IntervalSet left, List<String> words) {
    if (left.contains(SinterLexer.FN)
        && left.contains(SinterLexer.MODULE)
        && !left.contains(SinterLexer.ID)) {
      words.add("a definition (`module`, `model`, `train`, `fn` ...)");
      clear(left);
    } else if (left.contains(SinterLexer.PARAM)) {
      words.add("a member, a `param` or a `fn`");
      clear(left);
    } else if (left.contains(SinterLexer.RETURN) && left.contains(SinterLexer.EMIT)) {
      words.add("a statement");
      clear(left);
    } else if (left.contains(SinterLexer.INT) && left.contains(SinterLexer.SCAN)) {
      words.add("an expression");
      keep(left, SinterLexer.RBRACKET, SinterLexer.RPAREN);
    } else if (left.contains(SinterLexer.DTYPE) && left.contains(SinterLexer.FN)) {
      words.add("a type");
      keep(left, SinterLexer.LPAREN);
    } else if (left.contains(SinterLexer.PLUS)) {
      operators(left, words);
    } else if (left.contains(SinterLexer.ID) && left.contains(SinterLexer.SEED)) {
      words.add("a name");
      keep(
          left,
          SinterLexer.STAR,
          SinterLexer.POWER,
          SinterLexer.RPAREN,
          SinterLexer.ARROW,
          SinterLexer.TYPE);
    }
  }

  // After a complete expression nearly anything may follow; what ends it says more than the
  // operators.
  private static void operators(IntervalSet left, List<String> words) {
    IntervalSet closers = new IntervalSet();
    for (int type :
        new int[] {
          SinterLexer.COMMA,
          SinterLexer.RPAREN,
          SinterLexer.RBRACKET,
          SinterLexer.THEN,
          SinterLexer.ELSE,
          SinterLexer.OVER,
          SinterLexer.RANGE,
          SinterLexer.ARROW
        }) {
      if (left.contains(type)) {
        closers.add(type);
      }
    }
    boolean open = closers.size() > 0;
    clear(left);
    if (open) {
      left.addAll(closers);
    } else {
      words.add("an operator, or the next item,");
    }
  }

  private static void clear(IntervalSet set) {
    for (int type : set.toArray()) {
      set.remove(type);
    }
  }

  private static void keep(IntervalSet set, int... types) {
    IntervalSet kept = new IntervalSet();
    for (int type : types) {
      if (set.contains(type)) {
        kept.add(type);
      }
    }
    clear(set);
    set.addAll(kept);
  }

  static boolean isOperator(int type) {
    for (int operator : OPERATORS) {
      if (operator == type) {
        return true;
      }
    }
    return false;
  }

  private static String name(int type) {
    return switch (type) {
      case Token.EOF -> "the end";
      case SinterLexer.ID -> "a name";
      case SinterLexer.TYPE -> "a name with a capital";
      case SinterLexer.INT -> "a whole number";
      case SinterLexer.FLOAT -> "a number";
      case SinterLexer.STRING -> "a string";
      case SinterLexer.DTYPE -> "a dtype";
      default -> {
        String literal = SinterLexer.VOCABULARY.getDisplayName(type);
        yield "`" + literal.substring(1, literal.length() - 1) + "`";
      }
    };
  }

  private static String join(List<String> words) {
    if (words.size() == 1) {
      return words.getFirst();
    }
    return String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
  }

  private static String ofRule(int rule) {
    return switch (rule) {
      case SinterParser.RULE_statement -> "`=`, `:`, `[` or `,` should be";
      case SinterParser.RULE_item, SinterParser.RULE_trainItem -> "`=` should be";
      case SinterParser.RULE_path, SinterParser.RULE_pathPart -> "the path of a member should be";
      case SinterParser.RULE_type -> "a type should be";
      case SinterParser.RULE_axisList, SinterParser.RULE_axisTerm, SinterParser.RULE_axes ->
          "an axis should be";
      default -> "";
    };
  }

  /// The construct that `rule` reads, with its article; empty for those that nobody has a word for.
  static String construct(int rule) {
    return switch (rule) {
      case SinterParser.RULE_import_ -> "the import";
      case SinterParser.RULE_params -> "the parameters";
      case SinterParser.RULE_args -> "the arguments";
      case SinterParser.RULE_result -> "the result";
      case SinterParser.RULE_where -> "the facts";
      case SinterParser.RULE_axes -> "the axis pattern";
      case SinterParser.RULE_carry -> "the values";
      case SinterParser.RULE_sizes, SinterParser.RULE_dims -> "the sizes";
      case SinterParser.RULE_function -> "the function";
      case SinterParser.RULE_statement -> "the statement";
      case SinterParser.RULE_item, SinterParser.RULE_trainItem -> "the item";
      case SinterParser.RULE_edit -> "the edit";
      case SinterParser.RULE_definition -> "the definition";
      default -> "";
    };
  }
}
