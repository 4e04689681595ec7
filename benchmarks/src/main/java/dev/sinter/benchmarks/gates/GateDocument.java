package dev.sinter.benchmarks.gates;

import java.util.List;

/// What `sinter bench --suite gates` answers.
///
/// @param schema says what this document is
public record GateDocument(
    String schema, String jvm, String cpu, String commit, List<GateRow> rows) {
  public GateDocument {
    rows = List.copyOf(rows);
  }

  /// Whether all rows pass.
  public boolean passes() {
    return rows.stream().allMatch(GateRow::passes);
  }

  /// The rows as tables for people: for each its hot methods, and what is wrong.
  public String table() {
    StringBuilder out = new StringBuilder();
    out.append("%s, JVM %s, commit %s%n".formatted(cpu, jvm, commit));
    for (GateRow row : rows) {
      out.append("%n%s: %s%n".formatted(row.id(), verdict(row)));
      List<KernelMethod> hot = row.methods().stream().filter(KernelMethod::isHot).toList();
      if (!hot.isEmpty()) {
        out.append(
            "  %-48s %6s %6s %6s %8s %12s%n"
                .formatted("hot methods", "bytes", "time", "in C2", "code", "compilations"));
      }
      for (KernelMethod method : hot) {
        out.append(
            "  %-48s %6d %5.0f%% %5.0f%% %8s %12d%n"
                .formatted(
                    method.name(),
                    method.bytes(),
                    100 * method.share(),
                    100 * method.inC2(),
                    method.code(),
                    method.compilations()));
      }
      row.faults().forEach(fault -> out.append("  %s%n".formatted(fault)));
    }
    return out.toString();
  }

  private static String verdict(GateRow row) {
    if (!row.failure().isEmpty()) {
      return "not run: " + row.failure();
    }
    long ran = row.methods().stream().filter(m -> m.share() > 0).count();
    long inC2 = row.methods().stream().filter(m -> m.code() == JitMethod.Code.C2).count();
    int longest =
        row.methods().stream()
            .filter(KernelMethod::isHot)
            .mapToInt(KernelMethod::bytes)
            .max()
            .orElse(0);
    return "%s; %d methods, %d seen to run, %d with code of C2; hot ones of %d bytes at most; %d bytes a call"
        .formatted(
            row.passes()
                ? row.faults().isEmpty() ? "passes" : "passes but for what is known"
                : "FAILS",
            row.methods().size(),
            ran,
            inC2,
            longest,
            row.bytesPerCall());
  }
}
