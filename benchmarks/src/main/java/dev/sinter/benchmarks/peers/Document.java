package dev.sinter.benchmarks.peers;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What `sinter bench` answers.
///
/// @param schema says what this document is
/// @param peakGflops fused multiply-adds of registers, by number of threads
/// @param bandwidthGbs reading main memory, by number of threads
record Document(
    String schema,
    String jvm,
    String cpu,
    String commit,
    Map<Integer, Double> peakGflops,
    Map<Integer, Double> bandwidthGbs,
    List<Line> rows) {
  /// The rows as a table for people.
  String table() {
    StringBuilder out = new StringBuilder();
    out.append("%s, JVM %s, commit %s%n".formatted(cpu, jvm, commit));
    peakGflops.forEach((n, peak) ->
        out.append(
            "%d thread%s: %.1f GFLOP/s, %.1f GB/s%n"
                .formatted(n, n == 1 ? "" : "s", peak, bandwidthGbs.get(n))));
    out.append(
        "%n%-20s %7s %10s %10s %-11s %7s %15s %8s %8s%n"
            .formatted(
                "row",
                "threads",
                "ours ms",
                "peer ms",
                "best peer",
                "ratio",
                "95 %",
                "ceiling",
                "error"));
    double logs = 0;
    int counted = 0;
    for (Line line : rows) {
      if (!line.failure().isEmpty()) {
        String ours = line.oursMs() > 0 ? "%10.4f".formatted(line.oursMs()) : " ".repeat(10);
        out.append("%-20s %7d %s  %s%n".formatted(line.id(), line.threads(), ours, line.failure()));
        continue;
      }
      Map.Entry<String, Double> best =
          Collections.min(line.peers().entrySet(), Map.Entry.comparingByValue());
      logs += Math.log(line.ratio());
      counted++;
      out.append(
          "%-20s %7d %10.4f %10.4f %-11s %7.2f %15s %8.2f %8.1e%n"
              .formatted(
                  line.id(),
                  line.threads(),
                  line.oursMs(),
                  best.getValue(),
                  best.getKey(),
                  line.ratio(),
                  "%.2f to %.2f".formatted(line.ratioLo(), line.ratioHi()),
                  line.ceiling(),
                  line.maxError()));
    }
    if (counted > 0) {
      out.append(
          String.format(
              Locale.ROOT,
              "%ngeometric mean of %d ratios: %.2f",
              counted,
              Math.exp(logs / counted)));
    }
    return out.toString();
  }
}
