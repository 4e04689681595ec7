package dev.sinter.passes.tuning;

import dev.sinter.ir.diagnostic.SourceText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A [ScheduleTable] as text: a line for each entry, sorted, so that two tables can be compared
/// line by line.
///
/// ```
/// sinter schedules 1
/// convolution f32 1x64x56x56 filters 64 pads 1,1,1,1 -> winograd 4
/// product 16 f32 rows 480 columns 384 depth 256 times 1 left 256 right panels -> 6x2 down
/// ```
public final class TableText {
  /// The first line: the number is that of the form.
  static final String HEADER = "sinter schedules 1";

  /// A larger file is none of these.
  public static final int MOST_BYTES = 1 << 20;

  private TableText() {}

  /// The text of `table`.
  public static String print(ScheduleTable table) {
    List<String> lines = new ArrayList<>();
    table.tiles().forEach((shape, tile) -> lines.add(shape + " -> " + tile));
    table.ways().forEach((shape, way) -> lines.add(shape + " -> " + way));
    Collections.sort(lines);
    lines.addFirst(HEADER);
    return String.join("\n", lines) + "\n";
  }

  /// The table that `source` is the text of.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for every line that is no entry
  public static ScheduleTable parse(SourceText source) {
    return new TableParser(source).table();
  }
}
