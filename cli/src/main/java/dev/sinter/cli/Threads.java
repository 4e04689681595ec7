package dev.sinter.cli;

import picocli.CommandLine.Option;

/// On how many threads a command computes.
final class Threads {
  /// Far more than any machine has, and few enough to start.
  private static final int MOST = 1024;

  @Option(names = "--threads", description = "On how many threads; by default on all processors.")
  private int count = Runtime.getRuntime().availableProcessors();

  /// The number that was asked for, if that many can be.
  int count() {
    if (count < 1 || count > MOST) {
      throw new UserFault("--threads is 1 to %d, not %d".formatted(MOST, count));
    }
    return count;
  }
}
