package dev.sinter.benchmarks.peers;

import java.util.Arrays;
import java.util.List;

/// Two contestants side by side: they take turns, so that what else the machine does falls on both.
final class Race {
  /// A turn repeats what takes less, in nanoseconds.
  private static final long LEAST = 5_000_000;

  /// What is no more than this of the best time so far is faster than it.
  private static final double FASTER = 0.98;

  private static final int FEWEST = 9;
  private static final int MOST = 400;

  private Race() {}

  /// How long a run took, in milliseconds, and how much longer the other's, turn by turn.
  record Result(Middle ours, Middle theirs, Middle ratio) {}

  /// A median with its bounds at 95 %.
  record Middle(double median, double low, double high) {
    /// Of the median, by the ranks between which it lies.
    static Middle of(double[] samples) {
      double[] sorted = samples.clone();
      Arrays.sort(sorted);
      int n = sorted.length;
      int reach = (int) Math.ceil(0.98 * Math.sqrt(n));
      return new Middle(
          sorted[n / 2],
          sorted[Math.max(0, n / 2 - reach)],
          sorted[Math.min(n - 1, n / 2 + reach)]);
    }
  }

  /// Warms both up, then lets them take turns.
  ///
  /// @param seconds how long each part takes, about
  static Result run(Contestant ours, Contestant theirs, double seconds) {
    List<Contestant> both = List.of(ours, theirs);
    int[] repeats = new int[2];
    for (int i = 0; i < 2; i++) {
      repeats[i] = warm(both.get(i), seconds);
    }
    double[][] taken = new double[2][MOST];
    double[] ratios = new double[MOST];
    long end = System.nanoTime() + (long) (2 * seconds * 1e9);
    int turns = 0;
    while (turns < MOST && (turns < FEWEST || System.nanoTime() < end)) {
      for (int i = 0; i < 2; i++) {
        int who = (i + turns) % 2;
        taken[who][turns] = time(both.get(who), repeats[who]) / 1e6;
      }
      ratios[turns] = taken[1][turns] / taken[0][turns];
      turns++;
    }
    return new Result(
        Middle.of(Arrays.copyOf(taken[0], turns)),
        Middle.of(Arrays.copyOf(taken[1], turns)),
        Middle.of(Arrays.copyOf(ratios, turns)));
  }

  /// Runs until for `seconds` nothing has got faster; how many runs a turn has to have.
  private static int warm(Contestant contestant, double seconds) {
    double best = Double.POSITIVE_INFINITY;
    long improved = System.nanoTime();
    while (System.nanoTime() - improved < seconds * 1e9) {
      double taken = time(contestant, 1);
      if (taken < FASTER * best) {
        improved = System.nanoTime();
      }
      best = Math.min(best, taken);
    }
    return (int) Math.max(1, Math.ceil(LEAST / best));
  }

  /// Nanoseconds of one run.
  private static double time(Contestant contestant, int repeats) {
    long start = System.nanoTime();
    for (int i = 0; i < repeats; i++) {
      contestant.run();
    }
    return (System.nanoTime() - start) / (double) repeats;
  }
}
