package dev.sinter.benchmarks;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The sum of an array by a plain loop and by vectors: the measure of what the Vector API gives on
/// this machine, against which the generated kernels are read.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VectorSumBenchmark {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /// Floats summed; the sizes fit the first, second and third cache of common machines.
  @Param({"4096", "65536", "1048576"})
  public int size;

  private float[] values = {};

  /// Fills the array with values that no compiler can fold.
  @Setup
  public void fill() {
    values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (i * 31 % 97) / 97f;
    }
  }

  /// One addition after the other, as the order of float additions demands.
  @Benchmark
  public float plainLoop() {
    float sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /// One running sum a lane.
  @Benchmark
  public float vectors() {
    FloatVector sums = FloatVector.zero(SPECIES);
    int whole = SPECIES.loopBound(values.length);
    for (int i = 0; i < whole; i += SPECIES.length()) {
      sums = sums.add(FloatVector.fromArray(SPECIES, values, i));
    }
    float sum = sums.reduceLanes(VectorOperators.ADD);
    for (int i = whole; i < values.length; i++) {
      sum += values[i];
    }
    return sum;
  }
}
