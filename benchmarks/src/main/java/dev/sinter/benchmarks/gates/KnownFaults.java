package dev.sinter.benchmarks.gates;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Faults that are known and have a reason: they are reported, and do not fail.
///
/// @param all in the order of their file
public record KnownFaults(List<Known> all) {
  public KnownFaults {
    all = List.copyOf(all);
  }

  /// A known fault.
  ///
  /// @param row how the row's name begins; nothing for any
  /// @param gate the gate
  /// @param kernel how the method's or kernel's name begins; nothing for any
  /// @param reason why it is so for now
  public record Known(String row, String gate, String kernel, String reason) {
    boolean covers(String id, Fault fault) {
      return id.startsWith(row) && gate.equals(fault.gate()) && fault.kernel().startsWith(kernel);
    }
  }

  /// The lines of `file`, tab-separated with a head.
  ///
  /// @throws IllegalArgumentException when a line has not four parts, or no reason
  public static KnownFaults read(Path file) throws IOException {
    return new KnownFaults(
        Files.readAllLines(file).stream()
            .skip(1)
            .map(line -> {
              String[] cells = line.split("\t", -1);
              if (cells.length != 4 || cells[3].isBlank()) {
                throw new IllegalArgumentException(
                    file + " has a line without row, gate, kernel and reason: " + line);
              }
              return new Known(cells[0], cells[1], cells[2], cells[3]);
            })
            .toList());
  }

  /// The fault with its reason, if it is known.
  Fault explained(String row, Fault fault) {
    for (Known known : all) {
      if (known.covers(row, fault)) {
        return new Fault(fault.gate(), fault.kernel(), fault.what(), known.reason());
      }
    }
    return fault;
  }
}
