package dev.sinter.runtime.files;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads the text header of a file token by token, as its format's grammar asks for them. There is
/// no tree: nothing nests deeper than the reader's own calls, and nothing is kept that the reader
/// did not ask for.
final class HeaderScanner {
  private final String file;
  private final byte[] text;
  private final long base;
  private int position;

  /// @param base the offset of the header in the file, for faults
  HeaderScanner(String file, byte[] text, long base) {
    this.file = file;
    this.text = text;
    this.base = base;
  }

  /// Whether the next character is `c`; takes it if so.
  boolean take(char c) {
    skipSpace();
    if (position < text.length && text[position] == c) {
      position++;
      return true;
    }
    return false;
  }

  void expect(char c) throws FormatException {
    if (!take(c)) {
      throw fault("expected '" + c + "'");
    }
  }

  void expectEnd() throws FormatException {
    skipSpace();
    if (position < text.length) {
      throw fault("expected the end of the header");
    }
  }

  /// Takes a word of letters.
  String word() throws FormatException {
    skipSpace();
    int begin = position;
    while (position < text.length && Character.isLetter(text[position])) {
      position++;
    }
    if (begin == position) {
      throw fault("expected a word");
    }
    return new String(text, begin, position - begin, StandardCharsets.US_ASCII);
  }

  /// Takes a non-negative integer without sign, fraction, exponent or leading zeros.
  long integer() throws FormatException {
    skipSpace();
    int begin = position;
    long value = 0;
    while (position < text.length && text[position] >= '0' && text[position] <= '9') {
      int digit = text[position] - '0';
      if (value > (Long.MAX_VALUE - digit) / 10 || (value == 0 && position > begin)) {
        throw fault("expected a plain integer below 2^63");
      }
      value = value * 10 + digit;
      position++;
    }
    if (begin == position) {
      throw fault("expected a non-negative integer");
    }
    return value;
  }

  /// Takes a JSON string.
  String jsonString() throws FormatException {
    return string('"', true);
  }

  /// Takes a Python string without escapes, in either quote.
  String pythonString() throws FormatException {
    skipSpace();
    boolean twice = position < text.length && text[position] == '"';
    return string(twice ? '"' : '\'', false);
  }

  /// Takes a JSON value of any kind.
  void skipJson() throws FormatException {
    int depth = 0;
    do {
      skipSpace();
      if (position == text.length) {
        throw fault("expected a value");
      }
      switch (text[position]) {
        case '{', '[' -> {
          depth++;
          position++;
        }
        case '}', ']' -> {
          depth--;
          position++;
        }
        case '"' -> jsonString();
        default -> position++;
      }
    } while (depth > 0 || (position < text.length && ",}]".indexOf(text[position]) < 0));
  }

  FormatException fault(String expected) {
    String found =
        position < text.length
            ? "found '%s'".formatted(printable(text[position]))
            : "the header ends";
    return new FormatException(file, base + position, expected + ", " + found);
  }

  private String string(char quote, boolean escapes) throws FormatException {
    expect(quote);
    StringBuilder result = new StringBuilder();
    int begin = position;
    while (position < text.length && text[position] != quote) {
      byte c = text[position];
      if (c >= 0 && c < ' ') {
        throw fault("expected no control character in a string");
      }
      if (c == '\\') {
        if (!escapes) {
          throw fault("expected no escape in this string");
        }
        result.append(decode(begin, position));
        position++;
        result.append(escape());
        begin = position;
      } else {
        position++;
      }
    }
    result.append(decode(begin, position));
    if (position == text.length) {
      throw fault("expected the string to end");
    }
    position++;
    return result.toString();
  }

  private char escape() throws FormatException {
    if (position == text.length) {
      throw fault("expected an escape");
    }
    int at = "\"\\/bfnrt".indexOf(text[position]);
    if (at >= 0) {
      position++;
      return "\"\\/\b\f\n\r\t".charAt(at);
    }
    if (text[position] != 'u' || position + 5 > text.length) {
      throw fault("expected an escape");
    }
    int code = 0;
    for (int i = 1; i <= 4; i++) {
      int digit = Character.digit(text[position + i], 16);
      if (digit < 0) {
        throw fault("expected four hexadecimal digits");
      }
      code = code * 16 + digit;
    }
    position += 5;
    return (char) code;
  }

  private String decode(int begin, int end) throws FormatException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(text, begin, end - begin))
          .toString();
    } catch (CharacterCodingException e) {
      throw fault("expected UTF-8");
    }
  }

  private void skipSpace() {
    while (position < text.length
        && (text[position] == ' '
            || text[position] == '\n'
            || text[position] == '\r'
            || text[position] == '\t')) {
      position++;
    }
  }

  private static String printable(byte c) {
    return c > ' ' && c < 0x7f ? String.valueOf((char) c) : "\\x%02x".formatted(c & 0xff);
  }
}
