package dev.sinter.compiler.measure;

import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.Frame;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Program;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// A program that counts how often each of its steps runs, and how long each thread is at it.
final class StepClock implements Program {
  private final Program program;
  private final long[][] nanoseconds;
  private final long[] runs;

  /// @param steps the number of the program's steps
  StepClock(Program program, int steps, int threads) {
    this.program = program;
    nanoseconds = new long[threads][steps];
    runs = new long[steps];
  }

  /// Forgets what it counted; between calls.
  void reset() {
    Arrays.fill(runs, 0);
    for (long[] each : nanoseconds) {
      Arrays.fill(each, 0);
    }
  }

  /// How often the step ran.
  long runs(int step) {
    return runs[step];
  }

  /// How long all of its runs took, by the thread that was the longest at it.
  long nanoseconds(int step) {
    long most = 0;
    for (long[] each : nanoseconds) {
      most = Math.max(most, each[step]);
    }
    return most;
  }

  @Override
  public void step(int step, Frame frame, int part, int parts) {
    long start = System.nanoTime();
    program.step(step, frame, part, parts);
    nanoseconds[part][step] += System.nanoTime() - start;
    if (part == 0) {
      runs[step]++;
    }
  }

  @Override
  public ModelSpec spec() {
    return program.spec();
  }

  @Override
  public BufferPlan plan(int entry) {
    return program.plan(entry);
  }

  @Override
  public void bind(int entry, long[] inputDims, long[] dims) {
    program.bind(entry, inputDims, dims);
  }

  @Override
  public void sizes(int entry, long[] dims, long[] bytes) {
    program.sizes(entry, dims, bytes);
  }

  @Override
  public long[] packedSizes() {
    return program.packedSizes();
  }

  @Override
  public void pack(MemorySegment[] parameters, MemorySegment packed, long[] at) {
    program.pack(parameters, packed, at);
  }

  @Override
  public void warm(MemorySegment scratch) {
    program.warm(scratch);
  }

  @Override
  public void run(int entry, Frame frame) {
    program.run(entry, frame);
  }

  @Override
  public long stateBytes(int state, long[] shape) {
    return program.stateBytes(state, shape);
  }

  @Override
  public void packState(int state, long[] shape, MemorySegment from, MemorySegment to, long at) {
    program.packState(state, shape, from, to, at);
  }

  @Override
  public void unpackState(int state, long[] shape, MemorySegment from, long at, MemorySegment to) {
    program.unpackState(state, shape, from, at, to);
  }
}
