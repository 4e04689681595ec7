package dev.sinter.cli;

/// What stderr is. Java cannot ask whether it is a terminal; the launcher can, and says so in the
/// property `sinter.terminal`.
final class Terminal {
  private Terminal() {}

  /// Whether a person watches stderr, so that a line may be drawn over.
  static boolean isWatched() {
    return Boolean.getBoolean("sinter.terminal");
  }

  /// Whether colours help: on a terminal, unless <https://no-color.org> is obeyed.
  static boolean takesColours() {
    return isWatched() && System.getenv("NO_COLOR") == null;
  }
}
