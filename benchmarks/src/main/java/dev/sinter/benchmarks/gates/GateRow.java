package dev.sinter.benchmarks.gates;

import java.util.List;

/// What the gates say of a row.
///
/// @param id its name
/// @param bytesPerCall what a call allocates, with results that the caller gives
/// @param methods of the kernels that this machine runs, by their share of the time
/// @param faults the gates that do not hold
/// @param failure why the row was not run, or nothing
public record GateRow(
    String id, long bytesPerCall, List<KernelMethod> methods, List<Fault> faults, String failure) {
  public GateRow {
    methods = List.copyOf(methods);
    faults = List.copyOf(faults);
  }

  /// A row that could not be run.
  public static GateRow failed(String id, String why) {
    return new GateRow(id, 0, List.of(), List.of(), why);
  }

  /// Whether all gates hold, but for what is known.
  public boolean passes() {
    return failure.isEmpty() && faults.stream().noneMatch(Fault::isNew);
  }
}
