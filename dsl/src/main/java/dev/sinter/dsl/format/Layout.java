package dev.sinter.dsl.format;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Chooses the lines of a [Doc]: a group stays on one line if that ends within the width.
final class Layout {
  private static final int WIDTH = 100;

  private record Piece(int indent, boolean flat, Doc doc) {}

  private final StringBuilder out = new StringBuilder();
  private final List<Piece> stack = new ArrayList<>();
  private int column;

  private Layout() {}

  /// The text of `doc`, its first line at column `indent`, which is not written.
  static String print(Doc doc, int indent) {
    Layout layout = new Layout();
    layout.column = indent;
    layout.run(new Piece(indent, false, doc));
    return layout.out.toString();
  }

  private void run(Piece first) {
    stack.add(first);
    while (!stack.isEmpty()) {
      Piece piece = stack.removeLast();
      int indent = piece.indent;
      switch (piece.doc) {
        case Doc.Text(String text) -> write(text);
        case Doc.Trailing(String text) -> out.append(text);
        case Doc.Line(String flat) -> {
          if (piece.flat) {
            write(flat);
          } else {
            newLine(indent);
          }
        }
        case Doc.Hard() -> newLine(indent);
        case Doc.Concat(List<Doc> parts) -> {
          for (Doc part : parts.reversed()) {
            stack.add(new Piece(indent, piece.flat, part));
          }
        }
        case Doc.Nest(int by, Doc body) ->
            stack.add(new Piece(Math.max(0, indent + by), piece.flat, body));
        case Doc.Align(Doc body) -> stack.add(new Piece(column, piece.flat, body));
        case Doc.Group(Doc body) -> {
          Piece flat = new Piece(indent, true, body);
          stack.add(piece.flat || fits(flat) ? flat : new Piece(indent, false, body));
        }
      }
    }
  }

  private void write(String text) {
    out.append(text);
    column += text.length();
  }

  private void newLine(int indent) {
    while (!out.isEmpty() && out.charAt(out.length() - 1) == ' ') {
      out.setLength(out.length() - 1);
    }
    out.append('\n').append(" ".repeat(indent));
    column = indent;
  }

  // Whether `first` on one line, and what follows it up to the next break, ends within the width.
  private boolean fits(Piece first) {
    int left = WIDTH - column;
    int rest = stack.size();
    Deque<Piece> todo = new ArrayDeque<>();
    todo.push(first);
    while (left >= 0) {
      if (todo.isEmpty()) {
        if (rest == 0) {
          return true;
        }
        todo.push(stack.get(--rest));
      }
      Piece piece = todo.pop();
      switch (piece.doc) {
        case Doc.Text(String text) -> left -= text.length();
        case Doc.Trailing trailing -> {}
        case Doc.Line(String flat) -> {
          if (!piece.flat) {
            return true;
          }
          left -= flat.length();
        }
        case Doc.Hard() -> {
          return !piece.flat;
        }
        case Doc.Concat(List<Doc> parts) -> {
          for (Doc part : parts.reversed()) {
            todo.push(new Piece(0, piece.flat, part));
          }
        }
        case Doc.Nest(int by, Doc body) -> todo.push(new Piece(0, piece.flat, body));
        case Doc.Align(Doc body) -> todo.push(new Piece(0, piece.flat, body));
        case Doc.Group(Doc body) -> todo.push(new Piece(0, piece.flat, body));
      }
    }
    return false;
  }
}
