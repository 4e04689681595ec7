package dev.sinter.training;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Numbers in a CSV file, an example a line. A first line that is no numbers is a header.
final class CsvFile {
  private CsvFile() {}

  static Tensor read(InputStream in, String file, String part, Field field) throws IOException {
    List<double[]> rows = new ArrayList<>();
    long bytes = 0;
    try (CsvReader<CsvRecord> csv =
        CsvReader.builder()
            .maxBufferSize(1 << 20)
            // Checked below, with the line and both numbers.
            .allowExtraFields(true)
            .allowMissingFields(true)
            .ofCsvRecord(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      int width = -1;
      for (CsvRecord line : csv) {
        if (width < 0) {
          width = line.getFieldCount();
          columns(part, width, field, file);
          if (isHeader(line)) {
            continue;
          }
        }
        if (line.getFieldCount() != width) {
          throw new DataException(
              file,
              "line " + line.getStartingLineNumber(),
              "expected " + width + " columns as before, found " + line.getFieldCount());
        }
        rows.add(row(line, columns(part, width, field, file), field, file));
        bytes += 8 * field.elements();
        if (bytes > DataFile.LIMIT) {
          throw new DataException(file, "", "more than 4 GiB of numbers");
        }
      }
    } catch (CsvParseException e) {
      throw new DataException(file, "", String.valueOf(e.getMessage()));
    }
    if (rows.isEmpty()) {
      throw new DataException(file, "", "no examples");
    }
    Tensor out = DataFile.allocate(field, rows.size(), file);
    long at = 0;
    for (double[] row : rows) {
      for (double value : row) {
        out.setDouble(at++, value);
      }
    }
    return out;
  }

  private static boolean isHeader(CsvRecord line) {
    return line.getFields().stream().noneMatch(f -> number(f) != null);
  }

  private static @org.jspecify.annotations.Nullable Double number(String text) {
    try {
      return Double.valueOf(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /// The first column and the one after the last.
  private record Columns(int from, int to) {}

  private static Columns columns(String part, int width, Field field, String file)
      throws DataException {
    Columns columns;
    try {
      int dots = part.indexOf("..");
      int from = part.isEmpty() ? 0 : Integer.parseInt(dots < 0 ? part : part.substring(0, dots));
      int to =
          part.isEmpty() ? width : dots < 0 ? from + 1 : Integer.parseInt(part.substring(dots + 2));
      columns = new Columns(from, to);
    } catch (NumberFormatException e) {
      throw new DataException(file, "", "expected columns such as #64 or #0..64, found #" + part);
    }
    if (columns.from() < 0 || columns.to() > width || columns.from() >= columns.to()) {
      throw new DataException(
          file, "line 1", "columns " + part + " of a file that has " + width + " columns");
    }
    if (columns.to() - columns.from() != field.elements()) {
      throw new DataException(
          file,
          "line 1",
          field
              + " needs "
              + field.elements()
              + " columns, "
              + (part.isEmpty() ? "the file has " : "#" + part + " names ")
              + (columns.to() - columns.from()));
    }
    return columns;
  }

  private static double[] row(CsvRecord line, Columns columns, Field field, String file)
      throws DataException {
    double[] row = new double[columns.to() - columns.from()];
    for (int i = 0; i < row.length; i++) {
      String text = line.getField(columns.from() + i);
      Double value = number(text);
      if (value == null || !DataFile.fits(field.dtype(), value)) {
        throw new DataException(
            file,
            "line " + line.getStartingLineNumber() + ", column " + (columns.from() + i),
            "expected a number of type " + field.dtype() + ", found \"" + shortened(text) + "\"");
      }
      row[i] = value;
    }
    return row;
  }

  private static String shortened(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "..." : text;
  }
}
