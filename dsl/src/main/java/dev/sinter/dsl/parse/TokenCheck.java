package dev.sinter.dsl.parse;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.antlr.v4.runtime.CommonToken;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/// Looks over the tokens before the parser does: characters that are no token, signs of other
/// languages, brackets that do not match or nest too deeply.
///
/// What can be mended is mended in the stream, so that the parser goes on and finds what else is
/// wrong.
final class TokenCheck {
  static final int MAX_DEPTH = 100;

  private static final Map<String, String> LOOK_ALIKES =
      Map.ofEntries(
          Map.entry("\u2192", "->"),
          Map.entry("\u2212", "-"),
          Map.entry("\u2013", "-"),
          Map.entry("\u00D7", "*"),
          Map.entry("\u00B7", "*"),
          Map.entry("\u2264", "<="),
          Map.entry("\u2265", ">="),
          Map.entry("\u2260", "!="),
          Map.entry("\u201C", "\""),
          Map.entry("\u201D", "\""),
          Map.entry("\u2026", ".."),
          Map.entry("\u00A0", " "));

  private final SourceText source;
  private final Diagnostics diagnostics;
  private final Deque<Token> open = new ArrayDeque<>();
  private @Nullable Token oddOpener;
  private @Nullable Token oddCloser;

  TokenCheck(SourceText source, Diagnostics diagnostics) {
    this.source = source;
    this.diagnostics = diagnostics;
  }

  /// Reports what is wrong and mends what can be; false where there is no sense in parsing.
  boolean check(CommonTokenStream tokens) {
    List<Token> all = tokens.getTokens();
    int i = 0;
    while (i < all.size()) {
      CommonToken token = (CommonToken) all.get(i);
      if (token.getType() == SinterLexer.UNKNOWN) {
        i = unknown(all, i);
      } else if (token.getType() == SinterLexer.FOREIGN) {
        foreign(token);
      } else if (token.getChannel() == Token.DEFAULT_CHANNEL && !bracket(token, all)) {
        return false;
      } else if (isNumber(token) && isName(all.get(i + 1))) {
        glued(token, all.get(i + 1));
        i++;
      }
      i++;
    }
    tokens.seek(0);
    return allClosed();
  }

  // ---- characters ----

  /// Reports the unknown characters from `first` on, hides them, and gives the index of the last.
  private int unknown(List<Token> all, int first) {
    Token start = all.get(first);
    if (source.text().charAt(start.getStartIndex()) == '"') {
      return unterminated(all, first);
    }
    int last = first;
    while (all.get(last + 1).getType() == SinterLexer.UNKNOWN
        && source.text().charAt(all.get(last + 1).getStartIndex()) != '"') {
      last++;
    }
    boolean letter = Character.isLetter(source.text().codePointAt(start.getStartIndex()));
    if (letter && isName(all.get(last + 1))) {
      last++;
    }
    Span span = Tree.span(source, start, all.get(last));
    int meantType = typeOf(span.text());
    for (int i = first; i <= last; i++) {
      CommonToken token = (CommonToken) all.get(i);
      token.setType(meantType);
      if (meantType == SinterLexer.UNKNOWN) {
        token.setChannel(Token.HIDDEN_CHANNEL);
      }
    }
    Diagnostic fault =
        Diagnostic.error(
            DiagnosticCode.UNKNOWN_CHARACTER,
            span,
            last > first
                ? "the language does not use these characters"
                : "the language does not use " + describe(span.text()));
    String meant = LOOK_ALIKES.get(span.text());
    if (meant != null) {
      fault = fault.help("write `" + meant + "`");
    } else if (letter) {
      fault = fault.help("names are made of the letters a to z, digits and `_`");
    }
    diagnostics.report(fault);
    return last;
  }

  private static int typeOf(String lookAlike) {
    return switch (LOOK_ALIKES.getOrDefault(lookAlike, "")) {
      case "->" -> SinterLexer.ARROW;
      case "*" -> SinterLexer.STAR;
      case ".." -> SinterLexer.RANGE;
      default -> SinterLexer.UNKNOWN;
    };
  }

  private static String describe(String character) {
    int codePoint = character.codePointAt(0);
    String number = String.format(Locale.ROOT, "U+%04X", codePoint);
    return codePoint > ' ' && codePoint != 127 ? "`" + character + "`" : "the character " + number;
  }

  private static boolean isNumber(Token token) {
    return token.getType() == SinterLexer.INT || token.getType() == SinterLexer.FLOAT;
  }

  private static boolean isName(Token token) {
    return token.getType() == SinterLexer.ID || token.getType() == SinterLexer.TYPE;
  }

  private void glued(Token number, Token name) {
    Span factor = Tree.span(source, number, number);
    Span span = factor.to(Tree.span(source, name, name));
    ((CommonToken) name).setChannel(Token.HIDDEN_CHANNEL);
    diagnostics.report(
        Diagnostic.error(
                DiagnosticCode.MALFORMED_NUMBER, span, "`" + span.text() + "` is no number")
            .help("a product is written `" + factor.text() + " * " + name.getText() + "`"));
  }

  /// Makes one string of the rest of the line.
  private int unterminated(List<Token> all, int first) {
    CommonToken start = (CommonToken) all.get(first);
    int end = source.lineEnd(source.line(start.getStartIndex()));
    int last = first;
    while (all.get(last + 1).getType() != Token.EOF && all.get(last + 1).getStartIndex() < end) {
      last++;
      ((CommonToken) all.get(last)).setChannel(Token.HIDDEN_CHANNEL);
    }
    start.setType(SinterLexer.STRING);
    diagnostics.report(
        Diagnostic.error(
                DiagnosticCode.UNTERMINATED_STRING,
                new Span(source, start.getStartIndex(), end),
                "this string has no end")
            .help("close it by `\"` on the same line"));
    return last;
  }

  // ---- signs of other languages ----

  private record Mended(int type, String help) {}

  private void foreign(CommonToken token) {
    Span span = Tree.span(source, token, token);
    Mended mended = mend(span.text());
    if (mended.type == Token.INVALID_TYPE) {
      token.setChannel(Token.HIDDEN_CHANNEL);
    } else {
      token.setType(mended.type);
    }
    boolean comment = span.text().startsWith("#") || span.text().startsWith("/*");
    String what =
        span.end() - span.start() > 3
            ? comment ? "this begins no comment" : "this is written otherwise"
            : "there is no `" + span.text() + "`";
    diagnostics.report(
        Diagnostic.error(DiagnosticCode.FOREIGN_SYNTAX, span, what).help(mended.help));
  }

  private static Mended mend(String sign) {
    return switch (sign) {
      case "&&", "&" -> new Mended(SinterLexer.AND, "write `and`");
      case "||", "|" -> new Mended(SinterLexer.OR, "write `or`");
      case "!", "~" -> new Mended(SinterLexer.NOT, "write `not`");
      case "^" -> new Mended(SinterLexer.POWER, "write `**` for a power");
      case "=>" ->
          new Mended(
              SinterLexer.ARROW, "a result and an axis pattern have `->`, a body begins with `=`");
      case ":=" -> new Mended(SinterLexer.ASSIGN, "write `=`");
      case "+=", "-=", "*=", "/=" ->
          new Mended(
              SinterLexer.ASSIGN,
              "a name is given once: write the result under a new name, or `next` for a state");
      case "@" ->
          new Mended(
              SinterLexer.STAR, "a product of matrices is written `einsum{n k, k m -> n m}(a, b)`");
      case ";" -> new Mended(Token.INVALID_TYPE, "leave it out: items need no sign between them");
      default -> mendLong(sign);
    };
  }

  private static Mended mendLong(String text) {
    return switch (text.charAt(0)) {
      case '\'' -> new Mended(SinterLexer.STRING, "strings stand in double quotes");
      case '#', '/' -> new Mended(Token.INVALID_TYPE, "a comment begins with `//`");
      default -> new Mended(Token.INVALID_TYPE, "a choice is written `if c then a else b`");
    };
  }

  // ---- brackets ----

  private boolean bracket(Token token, List<Token> all) {
    switch (token.getType()) {
      case SinterLexer.LPAREN, SinterLexer.LBRACKET, SinterLexer.LBRACE -> {
        open.push(token);
        if (open.size() > MAX_DEPTH) {
          diagnostics.report(
              Diagnostic.error(
                      DiagnosticCode.NESTED_TOO_DEEPLY,
                      Tree.span(source, token, token),
                      "brackets nest more than " + MAX_DEPTH + " deep here")
                  .help("give a part of it a name"));
          return false;
        }
      }
      case SinterLexer.RPAREN -> {
        return closes(token, SinterLexer.LPAREN, all);
      }
      case SinterLexer.RBRACKET -> {
        return closes(token, SinterLexer.LBRACKET, all);
      }
      case SinterLexer.RBRACE -> {
        return closes(token, SinterLexer.LBRACE, all);
      }
      default -> {}
    }
    return true;
  }

  private boolean closes(Token closer, int opener, List<Token> all) {
    Span span = Tree.span(source, closer, closer);
    if (open.isEmpty()) {
      diagnostics.report(
          Diagnostic.error(
              DiagnosticCode.UNBALANCED_BRACKET,
              span,
              "this `" + span.text() + "` closes nothing"));
      return false;
    }
    Token top = open.pop();
    if (top.getType() != opener) {
      Span begun = Tree.span(source, top, top);
      diagnostics.report(
          Diagnostic.error(
                  DiagnosticCode.UNBALANCED_BRACKET,
                  span,
                  "`" + begun.text() + "` is closed by `" + span.text() + "`")
              .also(begun, "opened here"));
      return false;
    }
    if (opener == SinterLexer.LBRACE && oddOpener == null && indent(top) != indent(closer)) {
      boolean alone = all.get(closer.getTokenIndex() - 1).getText().indexOf('\n') >= 0;
      if (alone) {
        oddOpener = top;
        oddCloser = closer;
      }
    }
    return true;
  }

  private int indent(Token token) {
    int start = source.lineStart(source.line(token.getStartIndex()));
    int at = start;
    while (at < token.getStartIndex() && source.text().charAt(at) == ' ') {
      at++;
    }
    return at - start;
  }

  private boolean allClosed() {
    if (open.isEmpty()) {
      return true;
    }
    Token opener = open.peek();
    Span span = Tree.span(source, opener, opener);
    Diagnostic fault =
        Diagnostic.error(
            DiagnosticCode.UNBALANCED_BRACKET, span, "this `" + span.text() + "` is never closed");
    if (oddOpener != null && oddCloser != null) {
      Span closer = Tree.span(source, oddCloser, oddCloser);
      fault =
          fault
              .also(
                  Tree.span(source, oddOpener, oddOpener),
                  "perhaps the `}` of this one is missing:")
              .also(closer, "its indentation says that this closes another");
    }
    diagnostics.report(fault);
    return false;
  }
}
