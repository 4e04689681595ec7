package dev.sinter.dsl.format;

import dev.sinter.dsl.ast.Comment;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.ArrayList;
import java.util.List;

/// The comments of a file that are not printed yet, in the order of the text.
final class Comments {
  private final SourceText source;
  private final List<Comment> all;
  private int next;

  Comments(SourceText source, List<Comment> all) {
    this.source = source;
    this.all = all;
  }

  /// Takes those that begin before `offset`.
  List<Comment> before(int offset) {
    List<Comment> taken = new ArrayList<>();
    while (next < all.size() && all.get(next).span().start() < offset) {
      taken.add(all.get(next++));
    }
    return taken;
  }

  /// Takes the one that stands on the line on which the text before `end` ends, and begins before
  /// `limit`; else `""`.
  String trailing(int end, int limit) {
    if (next == all.size()) {
      return "";
    }
    Comment comment = all.get(next);
    int start = comment.span().start();
    boolean sameLine = source.line(Math.max(0, end - 1)) == source.line(start);
    if (!sameLine || start < end || start >= limit) {
      return "";
    }
    next++;
    return "  " + comment.text();
  }

  /// Whether an empty line or a comment on a line of its own is printed between what ends at `end`
  /// and what begins at `start`, before whose `head` comments move.
  boolean splits(int end, int start, int head) {
    return blankBetween(end, start)
        || all.stream()
            .filter(c -> c.span().start() >= end && c.span().start() < head)
            .anyMatch(c -> c.span().start() >= start || !c.trailing());
  }

  /// Whether an empty line lies between the two offsets.
  boolean blankBetween(int from, int to) {
    for (int line = source.line(from) + 1; line < source.line(to); line++) {
      if (source.text().substring(source.lineStart(line), source.lineEnd(line)).isBlank()) {
        return true;
      }
    }
    return false;
  }
}
