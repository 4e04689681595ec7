package dev.sinter.benchmarks.cold;

import java.lang.management.ManagementFactory;

/// Tells when the JIT has done with what runs: when for some seconds nothing has got faster and it
/// has had next to nothing to do. Large networks take a minute of a compiler's time, of which runs
/// in between get no faster for longer than that.
public final class WarmingUp {
  /// What is no more than this of the best time so far is faster than it.
  private static final double FASTER = 0.98;

  /// Where the JIT works for no more than this share of the time, it has done.
  private static final double QUIET = 0.05;

  private static final long LONGEST = 120_000_000_000L;

  private final double seconds;
  private final long start = System.nanoTime();
  private long since = start;
  private double best = Double.POSITIVE_INFINITY;
  private double compiled = compiling();

  /// @param seconds how long nothing has to have changed
  public WarmingUp(double seconds) {
    this.seconds = seconds;
  }

  /// Another run took so long.
  public void took(double nanoseconds) {
    double busy = compiling() - compiled;
    if (nanoseconds < FASTER * best || busy > QUIET * seconds) {
      since = System.nanoTime();
      compiled += busy;
    }
    best = Math.min(best, nanoseconds);
  }

  /// Whether runs have been what they will be.
  public boolean isOver() {
    long now = System.nanoTime();
    return now - since >= seconds * 1e9 || now - start >= LONGEST;
  }

  /// The shortest run so far, in nanoseconds.
  public double best() {
    return best;
  }

  /// The seconds that the JIT's threads have worked so far.
  private static double compiling() {
    return ManagementFactory.getCompilationMXBean().getTotalCompilationTime() / 1e3;
  }
}
