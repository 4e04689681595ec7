package dev.sinter.ir.diagnostic;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The text of one source file under the name that diagnostics show.
///
/// Offsets are UTF-16 indices into [#text()]; lines and columns count from 1, columns in code
/// points.
public final class SourceText {
  /// The source of things that no text stands behind.
  public static final SourceText NONE = new SourceText("", "");

  private final String name;
  private final String text;
  private final int[] lineStarts;

  public SourceText(String name, String text) {
    this.name = name;
    this.text = text;
    this.lineStarts = startsOfLines(text);
  }

  private static int[] startsOfLines(String text) {
    int[] starts = new int[16];
    int count = 1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ends =
          c == '\n' || (c == '\r' && (i + 1 == text.length() || text.charAt(i + 1) != '\n'));
      if (ends) {
        if (count == starts.length) {
          starts = Arrays.copyOf(starts, 2 * count);
        }
        starts[count++] = i + 1;
      }
    }
    return Arrays.copyOf(starts, count);
  }

  /// The name of the file as the user would write it.
  public String name() {
    return name;
  }

  public String text() {
    return text;
  }

  /// The number of lines; an empty text has one.
  public int lines() {
    return lineStarts.length;
  }

  /// The line, from 1, that holds `offset`.
  public int line(int offset) {
    int found = Arrays.binarySearch(lineStarts, clamp(offset));
    return found >= 0 ? found + 1 : -found - 1;
  }

  /// The column, from 1 and in code points, of `offset` in its line.
  public int column(int offset) {
    int at = clamp(offset);
    return text.codePointCount(lineStarts[line(at) - 1], at) + 1;
  }

  /// The offset at which `line`, counted from 1, begins.
  public int lineStart(int line) {
    return lineStarts[line - 1];
  }

  /// The offset at which the text of `line` ends, before its line break.
  public int lineEnd(int line) {
    int end = line < lineStarts.length ? lineStarts[line] : text.length();
    while (end > lineStart(line)
        && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
      end--;
    }
    return end;
  }

  private int clamp(int offset) {
    return Math.clamp(offset, 0, text.length());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SourceText that && name.equals(that.name) && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + text.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
