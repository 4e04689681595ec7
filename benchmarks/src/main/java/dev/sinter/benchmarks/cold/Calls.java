package dev.sinter.benchmarks.cold;

import java.util.Arrays;

/// How long each call took, in nanoseconds, and when it began.
final class Calls {
  /// So many calls tell what a call takes.
  private static final int WINDOW = 20;

  /// What is within this of the steady time is steady.
  private static final double STEADY = 1.1;

  private long[] begun = new long[1 << 10];
  private long[] taken = new long[1 << 10];
  private int count;

  /// Calls until they have not become faster for `seconds`, and a window of calls at least.
  static Calls until(Runnable call, double seconds) {
    Calls calls = new Calls();
    WarmingUp warmingUp = new WarmingUp(seconds);
    do {
      long start = System.nanoTime();
      call.run();
      long end = System.nanoTime();
      calls.add(start, end - start);
      warmingUp.took((double) (end - start));
    } while (calls.count < WINDOW || !warmingUp.isOver());
    return calls;
  }

  void add(long start, long nanoseconds) {
    if (count == begun.length) {
      begun = Arrays.copyOf(begun, 2 * count);
      taken = Arrays.copyOf(taken, 2 * count);
    }
    begun[count] = start;
    taken[count] = nanoseconds;
    count++;
  }

  /// What a call takes in the end: the median of the last fifth of the time, or of the last window.
  long steady() {
    long late = begun[count - 1] - (begun[count - 1] - begun[0]) / 5;
    int from = Math.max(0, count - WINDOW);
    while (from > 0 && begun[from - 1] >= late) {
      from--;
    }
    return median(from, count);
  }

  /// When the first call began from which on a window of calls is steady.
  long steadyFrom() {
    double most = STEADY * steady();
    int i = 0;
    while (i + WINDOW < count && median(i, i + WINDOW) > most) {
      i++;
    }
    return begun[i];
  }

  private long median(int from, int to) {
    long[] sorted = Arrays.copyOfRange(taken, from, to);
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
