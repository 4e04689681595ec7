package dev.sinter.benchmarks.peers;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// What the machine can do at most, measured in the same process.
///
/// @param gflops fused multiply-adds of registers, two operations each
/// @param bandwidth bytes that are read from main memory, in GB a second
record MachineLimits(double gflops, double bandwidth) {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int TURNS = 2_000_000;
  private static final int ATTEMPTS = 12;
  private static final long BYTES = 256L << 20;

  /// The best of several attempts on so many threads at once.
  static MachineLimits measure(int threads) {
    double gflops = best(threads, MachineLimits::multiplyAdds);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(BYTES, 64);
      memory.fill((byte) 1);
      double bandwidth = best(threads, () -> sums(memory, threads));
      return new MachineLimits(gflops, bandwidth);
    }
  }

  private static double best(int threads, DoubleSupplier work) {
    double best = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      double[] reached = new double[threads];
      List<Thread> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int number = t;
        all.add(Thread.ofPlatform().start(() -> reached[number] = work.getAsDouble()));
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

  /// GFLOP a second of ten chains.
  private static double multiplyAdds() {
    long start = System.nanoTime();
    float sink = chains();
    double seconds = (System.nanoTime() - start) / 1e9;
    return sink == 42 ? 0 : 2.0 * 10 * SPECIES.length() * TURNS / seconds / 1e9;
  }

  private static float chains() {
    FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
    FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a = x;
    FloatVector b = y;
    FloatVector c = x;
    FloatVector d = y;
    FloatVector e = x;
    FloatVector f = y;
    FloatVector g = x;
    FloatVector h = y;
    FloatVector i = x;
    FloatVector j = y;
    for (int turn = 0; turn < TURNS; turn++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
    }
    return a.add(b).add(c.add(d)).add(e.add(f)).add(g.add(h)).add(i.add(j)).lane(0);
  }

  /// GB a second of reading a part of `memory`.
  private static double sums(MemorySegment memory, int parts) {
    long start = System.nanoTime();
    long bytes = BYTES / parts;
    long sum = 0;
    for (long at = 0; at < bytes; at += 64) {
      sum += memory.get(ValueLayout.JAVA_LONG, at);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return sum == 42 ? 0 : bytes / seconds / 1e9;
  }
}
