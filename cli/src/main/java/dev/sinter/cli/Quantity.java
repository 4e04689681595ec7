package dev.sinter.cli;

import java.util.Locale;

/// Numbers as people read them.
final class Quantity {
  private Quantity() {}

  /// `1.5 MiB`.
  static String bytes(long bytes) {
    return bytes < 1024
        ? bytes + " B"
        : bytes < 1 << 20
            ? String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0)
            : String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  /// `12.3 s`.
  static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.1f s", seconds);
  }
}
