package dev.sinter.benchmarks.cold;

import java.util.List;

/// What `sinter bench --suite cold` answers.
///
/// @param schema says what this document is
/// @param rounds how many JVMs a median is of
public record ColdDocument(
    String schema, String jvm, String cpu, String commit, int rounds, List<ColdRow> rows) {
  public ColdDocument {
    rows = List.copyOf(rows);
  }

  /// The rows as tables for people.
  public String table() {
    StringBuilder out = new StringBuilder();
    out.append("%s, JVM %s, commit %s%n".formatted(cpu, jvm, commit));
    out.append("ms since the process was started, medians of %d JVMs%n".formatted(rounds));
    for (ColdRow row : rows) {
      String threads = row.threads() + (row.threads() == 1 ? " thread" : " threads");
      if (!row.failure().isEmpty()) {
        out.append("%n%s, %s: %s%n".formatted(row.id(), threads, row.failure()));
        continue;
      }
      out.append("%n%s, %s, error %.1e%n".formatted(row.id(), threads, row.maxError()));
      out.append(
          "  %-16s %8s %8s %12s %6s %10s %10s %8s %8s%n"
              .formatted(
                  "",
                  "main",
                  "loaded",
                  "first answer",
                  "ratio",
                  "steady at",
                  "a call",
                  "MB",
                  "cache MB"));
      row.starts().forEach(line -> out.append("  %-16s %s%n".formatted(line.name(), cells(line))));
    }
    return out.toString();
  }

  private static String cells(ColdLine line) {
    if (!line.failure().isEmpty()) {
      return line.failure();
    }
    return "%8.0f %8.0f %12.0f %6.2f %10.0f %10.4f %8.1f %8.1f"
        .formatted(
            line.mainMs(),
            line.loadedMs(),
            line.answeredMs(),
            line.ratio(),
            line.steadyFromMs(),
            line.steadyMs(),
            line.bytes() / 1e6,
            line.cacheBytes() / 1e6);
  }
}
