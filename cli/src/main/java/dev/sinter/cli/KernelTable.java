package dev.sinter.cli;

import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.compiler.Report;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The kernels of a compiled model: what is fused in each, which lines it comes from, how long the
/// code is that it runs.
record KernelTable(List<Row> rows) {
  /// A kernel.
  ///
  /// @param name of its method in the generated classes
  /// @param launches how many launches use it
  /// @param operations the functions and reductions fused in it, and how often each stands in it
  /// @param lines the lines of the model that it computes, as `file:line`
  /// @param methodBytes the bytecode of the longest method that it alone runs
  /// @param bytes the bytecode of all that it alone runs, in the class where that is most
  /// @param tiles the names of the tiles that it runs and others do too
  record Row(
      String name,
      int launches,
      Map<String, Integer> operations,
      List<String> lines,
      int methodBytes,
      int bytes,
      List<String> tiles) {}

  static KernelTable of(Report report) {
    List<Set<String>> lines = new ArrayList<>();
    report.kernels().forEach(k -> lines.add(new LinkedHashSet<>()));
    for (Report.Entry entry : report.entries()) {
      entry.launches().forEach(launch -> lines.get(launch.kernel()).addAll(launch.lines()));
    }
    List<Row> rows = new ArrayList<>();
    for (Report.Kernel kernel : report.kernels()) {
      int longest = kernel.methods().stream().mapToInt(MethodSizes.Method::bytes).max().orElse(0);
      Map<String, Integer> bytes = new HashMap<>();
      kernel.methods().forEach(m -> bytes.merge(m.className(), m.bytes(), Integer::sum));
      rows.add(
          new Row(
              kernel.name(),
              kernel.launches(),
              kernel.operations(),
              List.copyOf(lines.get(rows.size())),
              longest,
              bytes.values().stream().reduce(0, Math::max),
              kernel.tiles().stream().map(MethodSizes.Method::name).distinct().toList()));
    }
    return new KernelTable(rows);
  }

  String text() {
    TextTable table =
        new TextTable("kernel", "uses", "fused in it", "lines", "own bytecode", "shared tiles");
    for (Row row : rows) {
      table.row(
          row.name(),
          Integer.toString(row.launches()),
          operations(row.operations()),
          row.lines().stream()
              .map(line -> line.substring(line.lastIndexOf('/') + 1))
              .collect(Collectors.joining(" ")),
          Integer.toString(row.bytes()),
          String.join(" ", row.tiles()));
    }
    return table.text();
  }

  private static String operations(Map<String, Integer> operations) {
    return operations.isEmpty()
        ? "copy"
        : operations.entrySet().stream()
            .map(e -> e.getValue() == 1 ? e.getKey() : e.getKey() + " x" + e.getValue())
            .collect(Collectors.joining(", "));
  }
}
