package dev.sinter.runtime;

/// A line of a text form, read word by word; a word in double quotes may hold anything.
final class Words {
  private final String line;
  private int position;

  Words(String line) {
    this.line = line.strip();
  }

  /// The word as it stands in a line: in quotes where it is more than a plain name.
  static String quote(String word) {
    if (!word.isEmpty() && word.chars().allMatch(Words::plain)) {
      return word;
    }
    StringBuilder quoted = new StringBuilder("\"");
    word.chars()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            quoted.append('\\').append((char) c);
          } else if (c < ' ') {
            quoted.append("\\u%04x".formatted(c));
          } else {
            quoted.append((char) c);
          }
        });
    return quoted.append('"').toString();
  }

  boolean hasNext() {
    return position < line.length();
  }

  String next() {
    if (!hasNext()) {
      throw new IllegalArgumentException("a word is missing at the end of: " + line);
    }
    if (line.charAt(position) == '"') {
      return quoted();
    }
    int end = line.indexOf(' ', position);
    String word = line.substring(position, end < 0 ? line.length() : end);
    position += word.length();
    skipSpaces();
    return word;
  }

  int integer() {
    return Integer.parseInt(next());
  }

  void expect(String word) {
    String found = next();
    if (!found.equals(word)) {
      throw new IllegalArgumentException("%s where %s should be: %s".formatted(found, word, line));
    }
  }

  /// All before `mark`, or before the end.
  String upTo(String mark) {
    int end = line.indexOf(mark, position);
    String text = line.substring(position, end < 0 ? line.length() : end);
    position += text.length();
    skipSpaces();
    return text.strip();
  }

  String rest() {
    String text = line.substring(position);
    position = line.length();
    return text;
  }

  private String quoted() {
    StringBuilder word = new StringBuilder();
    position++;
    while (hasNext()) {
      char c = line.charAt(position++);
      if (c == '"') {
        skipSpaces();
        return word.toString();
      }
      if (c != '\\') {
        word.append(c);
      } else if (line.startsWith("u", position) && position + 5 <= line.length()) {
        word.append((char) Integer.parseInt(line.substring(position + 1, position + 5), 16));
        position += 5;
      } else if (hasNext()) {
        word.append(line.charAt(position++));
      }
    }
    throw new IllegalArgumentException("a quote is not closed: " + line);
  }

  private void skipSpaces() {
    while (hasNext() && line.charAt(position) == ' ') {
      position++;
    }
  }

  private static boolean plain(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '.'
        || c == '-';
  }
}
