package dev.sinter.ir.text;

import dev.sinter.ir.Dim;
import dev.sinter.ir.DimParser;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A place in a text that is being read, with the small words that all text forms share. White
/// space and comments from `//` to the end of a line separate and mean nothing else.
///
/// What does not fit throws a [DiagnosticException] that points at it.
public final class TextCursor {
  private static final int DEEPEST = 200;

  private final SourceText source;
  private final String text;
  private int at;
  private int depth;

  /// A cursor at the start of `source`.
  public TextCursor(SourceText source) {
    this.source = source;
    this.text = source.text();
  }

  /// What ends the reading: something other than `expected` stands here.
  public DiagnosticException unexpected(String expected) {
    space();
    int end = Math.min(text.length(), at + 1);
    return fault(new Span(source, Math.min(at, end), end), expected + " is expected here");
  }

  /// What ends the reading, said of the text from `start` to here.
  public DiagnosticException fault(int start, String message) {
    return fault(new Span(source, start, Math.max(start, Math.min(at, text.length()))), message);
  }

  private static DiagnosticException fault(Span span, String message) {
    return new DiagnosticException(Diagnostic.error(DiagnosticCode.UNEXPECTED_TEXT, span, message));
  }

  /// The offset of the next thing to read.
  public int offset() {
    space();
    return at;
  }

  /// Whether nothing is left.
  public boolean atEnd() {
    space();
    return at == text.length();
  }

  private void space() {
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at))) {
        at++;
      } else if (text.startsWith("//", at)) {
        int line = text.indexOf('\n', at);
        at = line < 0 ? text.length() : line;
      } else {
        return;
      }
    }
  }

  /// Whether `sign` comes next.
  public boolean sees(String sign) {
    space();
    return text.startsWith(sign, at);
  }

  /// Steps over `sign` if it comes next. A word must end where the sign does.
  public boolean accept(String sign) {
    if (!sees(sign)) {
      return false;
    }
    int end = at + sign.length();
    if (Character.isLetterOrDigit(sign.charAt(sign.length() - 1))
        && end < text.length()
        && isWord(text.charAt(end))) {
      return false;
    }
    at = end;
    return true;
  }

  /// Steps over `sign`, which must come next.
  public void expect(String sign) {
    if (!accept(sign)) {
      throw unexpected("`" + sign + "`");
    }
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$' || c == '\'';
  }

  /// Whether `name` may stand without quotes.
  static boolean isBare(String name) {
    return !name.isEmpty() && name.chars().allMatch(c -> isWord((char) c));
  }

  /// A word of letters, digits, `_`, `.`, `$` and `'`.
  public String word() {
    space();
    int start = at;
    while (at < text.length() && isWord(text.charAt(at))) {
      at++;
    }
    if (start == at) {
      throw unexpected("a word");
    }
    return text.substring(start, at);
  }

  /// A word, or any text in quotes.
  public String name() {
    return sees("\"") ? string() : word();
  }

  /// How `name` prints so that [#name] reads it.
  public static String name(String name) {
    return isBare(name) ? name : quoted(name);
  }

  /// `text` in quotes, as [#string] reads it.
  public static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> out.append(c);
      }
    }
    return out.append('"').toString();
  }

  /// A text in quotes.
  public String string() {
    expect("\"");
    int start = at - 1;
    StringBuilder out = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        char escaped = text.charAt(at++);
        c =
            switch (escaped) {
              case 'n' -> '\n';
              case 'r' -> '\r';
              case 't' -> '\t';
              default -> escaped;
            };
      }
      out.append(c);
    }
    if (at == text.length()) {
      throw fault(start, "the quote is not closed");
    }
    at++;
    return out.toString();
  }

  /// A whole number of 64 bits.
  public long integer() {
    int start = offset();
    String sign = accept("-") ? "-" : "";
    try {
      return Long.parseLong(sign + word());
    } catch (NumberFormatException e) {
      throw fault(start, "this is no whole number of 64 bits");
    }
  }

  /// A number as `Double.toString` writes it.
  public double real() {
    int start = offset();
    if (at < text.length() && text.charAt(at) == '-') {
      at++;
    }
    while (at < text.length()
        && (isWord(text.charAt(at))
            || (text.charAt(at) == '-' && (text.charAt(at - 1) | 0x20) == 'e'))) {
      at++;
    }
    try {
      return Double.parseDouble(text.substring(start, at));
    } catch (NumberFormatException e) {
      throw fault(start, "this is no number");
    }
  }

  /// Whether a number comes next.
  public boolean seesNumber() {
    space();
    return at < text.length()
        && (Character.isDigit(text.charAt(at))
            || text.startsWith("-", at)
            || text.startsWith("NaN", at)
            || text.startsWith("Infinity", at));
  }

  /// A size or index.
  public Dim dim() {
    space();
    try {
      DimParser.Prefix prefix = DimParser.prefix(text, at);
      at = prefix.end();
      return prefix.dim();
    } catch (DimParser.DimSyntaxException e) {
      int place = Math.min(e.offset(), text.length());
      throw fault(
          new Span(source, place, Math.min(place + 1, text.length())),
          String.valueOf(e.getMessage()));
    }
  }

  /// A dtype such as `f32`.
  public DType dtype() {
    int start = offset();
    return DType.parse(word()).orElseThrow(() -> fault(start, "this is no dtype"));
  }

  /// A type such as `f32[N, 2]`.
  public TensorType type() {
    return new TensorType(dtype(), list("[", "]", this::dim));
  }

  /// Items between `open` and `close`, with commas between them.
  public <T> List<T> list(String open, String close, Supplier<T> item) {
    expect(open);
    List<T> items = new ArrayList<>();
    while (!accept(close)) {
      if (!items.isEmpty()) {
        expect(",");
      }
      items.add(nested(item));
    }
    return items;
  }

  /// Reads `item` one level deeper; what is nested beyond all use is refused.
  public <T> T nested(Supplier<T> item) {
    if (++depth > DEEPEST) {
      throw fault(at, "this is nested too deeply");
    }
    T read = item.get();
    depth--;
    return read;
  }
}
