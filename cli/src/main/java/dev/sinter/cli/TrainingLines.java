package dev.sinter.cli;

import dev.sinter.training.TrainingListener;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/// A training for people that read a log: a line an epoch.
final class TrainingLines implements TrainingListener {
  private final PrintWriter err;
  private final int epochs;
  private long examples;

  /// @param epochs how many there will be, those before a resumption included
  TrainingLines(PrintWriter err, int epochs) {
    this.err = err;
    this.epochs = epochs;
  }

  @Override
  public void batch(int epoch, long done, long of, Map<String, Double> losses) {
    examples = of;
  }

  @Override
  public void epoch(Epoch epoch) {
    double left = epoch.seconds() * (epochs - epoch.number());
    err.printf(
        Locale.ROOT,
        "epoch %d/%d  %s  %.0f examples/s  %s left%n",
        epoch.number(),
        epochs,
        values(epoch.losses(), epoch.metrics()),
        examples / Math.max(1e-9, epoch.seconds()),
        duration(left));
    err.flush();
  }

  /// `loss 0.1234 test accuracy 0.9700`.
  static String values(Map<String, Double> losses, Map<String, Double> metrics) {
    StringJoiner out = new StringJoiner("  ");
    losses.forEach((name, value) -> out.add(name + " " + number(value)));
    metrics.forEach((name, value) -> out.add("test " + name + " " + number(value)));
    return out.toString();
  }

  static String number(double value) {
    return String.format(
        Locale.ROOT, Math.abs(value) < 1e-3 && value != 0 ? "%.2e" : "%.4f", value);
  }

  private static String duration(double seconds) {
    long all = Math.round(seconds);
    return all < 60
        ? all + " s"
        : all < 3600
            ? "%d:%02d min".formatted(all / 60, all % 60)
            : "%d:%02d h".formatted(all / 3600, all / 60 % 60);
  }
}
