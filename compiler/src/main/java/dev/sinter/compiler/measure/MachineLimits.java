package dev.sinter.compiler.measure;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/// What the machine can do at most, measured in the same process.
///
/// @param gflops fused multiply-adds of registers, two operations each
/// @param bandwidth bytes that are read from main memory, in GB a second
public record MachineLimits(double gflops, double bandwidth) {
  private static final int TURNS = 2_000_000;
  private static final int ATTEMPTS = 12;
  private static final long BYTES = 256L << 20;

  /// The bytes that come from memory at once.
  private static final long LINE = 64;

  /// The best of several attempts on so many threads at once.
  public static MachineLimits measure(int threads) {
    double gflops = best(threads, thread -> multiplyAdds());
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BYTES, LINE);
      memory.fill((byte) 1);
      double bandwidth = best(threads, thread -> sums(memory, thread, threads));
      return new MachineLimits(gflops, bandwidth);
    }
  }

  private static double best(int threads, IntToDoubleFunction work) {
    double best = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double[] reached = new double[threads];
      List<Thread> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int number = t;
        all.add(Thread.ofPlatform().start(() -> reached[number] = work.applyAsDouble(number)));
      }
      double sum = 0;
      for (int t = 0; t < threads; t++) {
        try {
          all.get(t).join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
        sum += reached[t];
      }
      best = Math.max(best, sum);
    }
    return best;
  }

  /// GFLOP a second.
  private static double multiplyAdds() {
    long start = System.nanoTime();
    float sink = MultiplyAdds.run(TURNS);
    double seconds = (System.nanoTime() - start) / 1e9;
    return sink == 42 ? 0 : MultiplyAdds.operations(TURNS) / seconds / 1e9;
  }

  /// GB a second of reading one of the parts of `memory`.
  private static double sums(MemorySegment memory, int part, int parts) {
    long start = System.nanoTime();
    long bytes = BYTES / parts / LINE * LINE;
    long sum = 0;
    long end = (part + 1) * bytes;
    for (long at = part * bytes; at < end; at += LINE) {
      sum += memory.get(ValueLayout.JAVA_LONG, at);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return sum == 42 ? 0 : bytes / seconds / 1e9;
  }
}
