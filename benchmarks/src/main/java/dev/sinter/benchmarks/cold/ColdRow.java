package dev.sinter.benchmarks.cold;

import java.util.List;

/// How the runtimes start with one network.
///
/// @param maxError the largest distance of first answers, relative to their range
/// @param failure why there are no lines, or empty
public record ColdRow(
    String id, int threads, double maxError, List<ColdLine> starts, String failure) {
  public ColdRow {
    starts = List.copyOf(starts);
  }

  /// A row that could not be asked.
  public static ColdRow failed(String id, int threads, String why) {
    return new ColdRow(id, threads, 0, List.of(), why);
  }
}
