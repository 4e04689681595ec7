package dev.sinter.dsl.format;

import java.util.ArrayList;
import java.util.List;

/// A text that does not know yet where its lines break, after Wadler's "A prettier printer".
sealed interface Doc {
  Doc EMPTY = new Text("");

  /// A space, or a line break where its group does not fit.
  Doc LINE = new Line(" ");

  /// Always a line break.
  Doc HARD = new Hard();

  record Text(String text) implements Doc {}

  record Line(String flat) implements Doc {}

  record Hard() implements Doc {}

  /// A comment at the end of a line, which takes no room.
  record Trailing(String text) implements Doc {}

  record Concat(List<Doc> parts) implements Doc {}

  /// Breaks in `body` are indented by `by` more columns.
  record Nest(int by, Doc body) implements Doc {}

  /// Breaks in `body` are indented to where it begins.
  record Align(Doc body) implements Doc {}

  /// Either all of its own lines break, or none.
  record Group(Doc body) implements Doc {}

  static Doc text(String text) {
    return new Text(text);
  }

  static Doc concat(Doc... parts) {
    return new Concat(List.of(parts));
  }

  static Doc group(Doc... parts) {
    return new Group(concat(parts));
  }

  static Doc nest(int by, Doc... parts) {
    return new Nest(by, concat(parts));
  }

  static Doc align(Doc... parts) {
    return new Align(concat(parts));
  }

  /// `parts` after each other, `comma` and a line between them, as many on a line as fit.
  static Doc fill(List<Doc> parts, String comma) {
    List<Doc> filled = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Doc part = i + 1 < parts.size() ? concat(parts.get(i), text(comma)) : parts.get(i);
      filled.add(i == 0 ? part : group(LINE, part));
    }
    return new Concat(filled);
  }
}
