package dev.sinter.benchmarks;

import dev.sinter.compiler.measure.MultiplyAdds;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The most that this machine does: fused multiply-adds of registers, one thread. What products
/// reach is a share of it, taken in the same run.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
public class PeakBenchmark {
  private static final int TURNS = 20_000;

  /// Nanoseconds for one multiply-add of each of the chains.
  @Benchmark
  @OperationsPerInvocation(TURNS)
  public float multiplyAdd() {
    return MultiplyAdds.run(TURNS);
  }
}
