package dev.sinter.cli;

/// The number of threads that a user asks for.
final class Threads {
  /// Far more than any machine has, and few enough to start.
  private static final int MOST = 1024;

  private Threads() {}

  /// `threads`, if that many can be.
  static int checked(int threads) {
    if (threads < 1 || threads > MOST) {
      throw new UserFault("--threads is 1 to %d, not %d".formatted(MOST, threads));
    }
    return threads;
  }
}
