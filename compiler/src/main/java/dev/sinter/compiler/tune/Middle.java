package dev.sinter.compiler.tune;

import java.util.Arrays;

/// A median with its bounds at 95 %.
public record Middle(double median, double low, double high) {
  /// Of the median, by the ranks between which it lies.
  public static Middle of(double[] samples) {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    int reach = (int) Math.ceil(0.98 * Math.sqrt(n));
    return new Middle(
        sorted[n / 2], sorted[Math.max(0, n / 2 - reach)], sorted[Math.min(n - 1, n / 2 + reach)]);
  }
}
