package dev.sinter.benchmarks.gates;

import com.sun.management.ThreadMXBean;
import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.Frame;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Program;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/// A program whose steps are counted, each for itself: what they allocate, and, so that the JIT
/// need not be waited for until a rare one was called thousands of times, how often they are
/// repeated. For one thread.
public final class WatchedProgram implements Program {
  /// HotSpot compiles with C2 what was called more than 5,000 times (`Tier4InvocationThreshold`),
  /// however few loops it has.
  private static final int REPEATS = 6_000;

  /// C1 takes over in the first round, C2 is asked in the next.
  private static final int ROUNDS = 3;

  /// A step is not repeated for longer in a round, in nanoseconds: one that takes so long is not
  /// rare.
  private static final long LONGEST = 100_000_000;

  private final ThreadMXBean threads;
  private final Program program;
  private final long[] bytes;
  private final boolean[] repeated;
  private Mode mode = Mode.PLAIN;

  /// What is done beside running a step.
  private enum Mode {
    PLAIN,
    REPEAT,
    COUNT
  }

  /// @param steps how many steps the program has
  public WatchedProgram(Program program, int steps) {
    if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean known)) {
      throw new IllegalArgumentException("this JVM does not count what threads allocate");
    }
    this.threads = known;
    this.program = program;
    this.bytes = new long[steps];
    this.repeated = new boolean[steps];
  }

  /// Lets each step that a run comes to be repeated until the JIT must have taken notice of it.
  /// What that leaves in results and states is undefined.
  public void repeated(Runnable run) {
    mode = Mode.REPEAT;
    for (int round = 0; round < ROUNDS; round++) {
      Arrays.fill(repeated, false);
      run.run();
    }
    mode = Mode.PLAIN;
  }

  /// The bytes that each step allocates in a run, all its turns together.
  public long[] allocatedBySteps(Runnable run) {
    Arrays.fill(bytes, 0);
    mode = Mode.COUNT;
    run.run();
    mode = Mode.PLAIN;
    return bytes.clone();
  }

  /// The bytes that this thread allocates in a run.
  public long allocated(Runnable run) {
    long before = threads.getCurrentThreadAllocatedBytes();
    run.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Override
  public void step(int step, Frame frame, int part, int parts) {
    switch (mode) {
      case PLAIN -> program.step(step, frame, part, parts);
      case REPEAT -> repeat(step, frame, part, parts);
      case COUNT -> {
        long before = threads.getCurrentThreadAllocatedBytes();
        program.step(step, frame, part, parts);
        bytes[step] += threads.getCurrentThreadAllocatedBytes() - before;
      }
    }
  }

  private void repeat(int step, Frame frame, int part, int parts) {
    int times = repeated[step] ? 1 : REPEATS;
    repeated[step] = true;
    long end = System.nanoTime() + LONGEST;
    for (int i = 0; i < times && (i == 0 || System.nanoTime() < end); i++) {
      program.step(step, frame, part, parts);
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
