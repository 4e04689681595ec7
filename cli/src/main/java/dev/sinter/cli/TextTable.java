package dev.sinter.cli;

import java.util.ArrayList;
import java.util.List;

/// A table in columns, for people; a cell that is too long for its column breaks at spaces.
final class TextTable {
  private static final int WIDEST = 44;

  private final List<List<String>> rows = new ArrayList<>();

  TextTable(String... heads) {
    row(heads);
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  String text() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    List<List<List<String>>> broken = new ArrayList<>();
    for (List<String> row : rows) {
      List<List<String>> cells = row.stream().map(TextTable::lines).toList();
      broken.add(cells);
      for (int c = 0; c < columns; c++) {
        for (String line : cells.get(c)) {
          widths[c] = Math.max(widths[c], line.length());
        }
      }
    }
    StringBuilder out = new StringBuilder();
    for (int r = 0; r < broken.size(); r++) {
      append(out, broken.get(r), widths);
      if (r == 0) {
        append(
            out,
            java.util.Arrays.stream(widths).mapToObj(w -> List.of("-".repeat(w))).toList(),
            widths);
      }
    }
    return out.toString();
  }

  private static void append(StringBuilder out, List<List<String>> cells, int[] widths) {
    int height = cells.stream().mapToInt(List::size).max().orElse(0);
    for (int line = 0; line < height; line++) {
      StringBuilder text = new StringBuilder();
      for (int c = 0; c < cells.size(); c++) {
        String part = line < cells.get(c).size() ? cells.get(c).get(line) : "";
        text.append(part).append(" ".repeat(widths[c] - part.length() + 2));
      }
      out.append(text.toString().stripTrailing()).append('\n');
    }
  }

  private static List<String> lines(String cell) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : cell.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDEST) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
