package dev.sinter.ir;

/// Reads what [Dim#toString] writes: sums of products of numbers, symbols, `floor(a / b)`, `max(a,
/// b)`, `min(a, b)` and sums in parentheses. An axis is `%` and a number or name, a size that data
/// tells `?` and one.
public final class DimParser {
  private static final int DEEPEST = 200;

  private final String text;
  private int at;
  private int depth;

  private DimParser(String text, int start) {
    this.text = text;
    this.at = start;
  }

  /// The expression that `text` is.
  ///
  /// @throws DimSyntaxException if it is none
  public static Dim parse(String text) {
    Prefix prefix = prefix(text, 0);
    if (prefix.end() < text.length()) {
      throw new DimSyntaxException("the size ends here", prefix.end());
    }
    return prefix.dim();
  }

  /// The longest expression in `text` from `start` on.
  ///
  /// @throws DimSyntaxException if there is none
  public static Prefix prefix(String text, int start) {
    DimParser parser = new DimParser(text, start);
    try {
      Dim dim = parser.sum();
      parser.space();
      return new Prefix(dim, parser.at);
    } catch (ArithmeticException e) {
      throw new DimSyntaxException("the size cannot be computed", parser.at);
    }
  }

  /// An expression and the offset behind it and the space that follows.
  public record Prefix(Dim dim, int end) {}

  /// A text that is no expression; says what is wrong at which offset.
  public static final class DimSyntaxException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int offset;

    DimSyntaxException(String message, int offset) {
      super(message);
      this.offset = offset;
    }

    /// Where in the text.
    public int offset() {
      return offset;
    }
  }

  private Dim sum() {
    Dim sum = accept('-') ? product().times(-1) : product();
    while (true) {
      if (accept('+')) {
        sum = sum.plus(product());
      } else if (accept('-')) {
        sum = sum.minus(product());
      } else {
        return sum;
      }
    }
  }

  private Dim product() {
    Dim product = factor();
    while (accept('*')) {
      product = product.times(factor());
    }
    return product;
  }

  private Dim factor() {
    if (++depth > DEEPEST) {
      throw new DimSyntaxException("the size is nested too deeply", at);
    }
    Dim factor;
    if (accept('(')) {
      factor = sum();
      expect(')');
    } else {
      space();
      int start = at;
      if (at < text.length() && (text.charAt(at) == '%' || text.charAt(at) == '?')) {
        at++;
      }
      while (at < text.length() && isPart(text.charAt(at))) {
        at++;
      }
      factor = named(text.substring(start, at), start);
    }
    depth--;
    return factor;
  }

  private Dim named(String word, int start) {
    if (word.isEmpty() || word.equals("%") || word.equals("?")) {
      throw new DimSyntaxException("a size is expected", start);
    }
    if (Character.isDigit(word.charAt(0))) {
      try {
        return Dim.of(Long.parseLong(word));
      } catch (NumberFormatException e) {
        throw new DimSyntaxException("not a number of 64 bits", start);
      }
    }
    if (word.startsWith("%") || RuntimeSize.isName(word) || !accept('(')) {
      return Dim.symbol(word);
    }
    Dim left = sum();
    expect(word.equals("floor") ? '/' : ',');
    Dim right = sum();
    expect(')');
    return switch (word) {
      case "floor" -> left.floorDiv(right);
      case "max" -> left.max(right);
      case "min" -> left.min(right);
      default -> throw new DimSyntaxException("sizes have no function " + word, start);
    };
  }

  /// Whether a symbol's name may have `c`.
  public static boolean isPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$' || c == '\'';
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean accept(char c) {
    space();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!accept(c)) {
      throw new DimSyntaxException("`" + c + "` is expected", at);
    }
  }
}
