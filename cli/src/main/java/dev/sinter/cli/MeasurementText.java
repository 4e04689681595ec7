package dev.sinter.cli;

import dev.sinter.compiler.measure.ConvolutionError;
import dev.sinter.compiler.measure.Measurement;
import java.util.Locale;
import java.util.stream.Collectors;

/// A measurement, for people.
final class MeasurementText {
  private MeasurementText() {}

  static String of(Measurement measured) {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "\nmeasured on %s: at most %.0f GFLOP/s and %.1f GB/s\n",
            measured.threads() == 1 ? "1 thread" : measured.threads() + " threads",
            measured.gflops(),
            measured.gbs()));
    measured.entries().forEach(entry -> out.append(text(entry)));
    if (!measured.convolutions().isEmpty()) {
      out.append("\nerrors of convolutions, as shares of the largest result\n\n");
      TextTable table = new TextTable("convolution", "way", "its error", "as a sum");
      for (ConvolutionError error : measured.convolutions()) {
        table.row(
            error.convolution(),
            error.way(),
            String.format(Locale.ROOT, "%.1e", error.chosen()),
            String.format(Locale.ROOT, "%.1e", error.direct()));
      }
      out.append(table.text());
    }
    return out.toString();
  }

  private static String text(Measurement.Entry entry) {
    if (entry.failure() != null) {
      return "\n%s was not measured: %s\n".formatted(entry.name(), entry.failure());
    }
    TextTable table =
        new TextTable(
            "step",
            "kernel",
            "runs",
            "us",
            "of all",
            "GFLOP/s",
            "GB/s",
            "roofline",
            "why not more");
    double us = 0;
    for (Measurement.Step step : entry.steps()) {
      us += step.us();
      table.row(
          step.lines().stream()
              .map(line -> line.substring(line.lastIndexOf('/') + 1))
              .collect(Collectors.joining(" ")),
          step.kernels().isEmpty() ? "the runtime's" : String.join(" ", step.kernels()),
          Long.toString(step.runs()),
          String.format(Locale.ROOT, "%.1f", step.us()),
          String.format(Locale.ROOT, "%.1f %%", 100 * step.share()),
          String.format(Locale.ROOT, "%.1f", step.gflops()),
          String.format(Locale.ROOT, "%.1f", step.gbs()),
          String.format(Locale.ROOT, "%.0f %%", 100 * step.roofline()),
          step.why());
    }
    return String.format(
            Locale.ROOT,
            "\n%s takes %.4g ms, its steps %.4g\n\n",
            entry.name(),
            entry.ms(),
            us / 1e3)
        + table.text();
  }
}
