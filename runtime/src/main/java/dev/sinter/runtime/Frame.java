package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// What generated code works on during a call: where each buffer lies, the dim table, the threads.
public final class Frame {
  private final Program program;
  private final Workers workers;
  private final BufferPlan plan;
  private final MemorySegment weights;
  private final long[] home;
  private final long[] strides;
  private final long[] at;
  private final MemorySegment[] memory;
  private final long[] dims;

  /// @param home where each buffer lies in the memory of its storage, that of the first thread
  /// @param strides the bytes to that of the next thread
  Frame(
      Program program,
      Workers workers,
      BufferPlan plan,
      MemorySegment weights,
      long[] home,
      long[] strides,
      long[] dims) {
    this.program = program;
    this.workers = workers;
    this.plan = plan;
    this.weights = weights;
    this.home = home;
    this.strides = strides;
    this.at = home.clone();
    this.memory = new MemorySegment[home.length];
    this.dims = dims;
    leave();
  }

  /// The memory that a buffer lies in: the session's arena, the packed weights, the session's state
  /// or, of an input or a result, the caller's.
  public MemorySegment memory(int buffer) {
    return memory[buffer];
  }

  /// The byte offset of a buffer in its memory.
  public long at(int buffer) {
    return at[buffer];
  }

  /// The byte offset of a `SCRATCH` buffer that belongs to the thread that does `part`.
  public long at(int buffer, int part) {
    return at[buffer] + part * strides[buffer];
  }

  /// A row of the dim table.
  public long dim(int dim) {
    return dims[dim];
  }

  /// Writes a row of the dim table: a dim that a kernel defined, or a counter of a loop.
  public void setDim(int dim, long value) {
    dims[dim] = value;
  }

  /// The number of threads, and so of parts of each launch.
  public int threads() {
    return workers.threads();
  }

  /// Runs a step on all threads and returns when every part is done. Allocates nothing.
  public void launch(int step) {
    workers.launch(program, step, this);
  }

  /// Where the share of a part begins, of `count` equal things; it ends where the next part's
  /// begins. A pure function, with shares that differ by one at most.
  public static long begin(long count, int part, int parts) {
    return part * (count / parts) + Math.min(part, count % parts);
  }

  /// Lays each buffer into the memory of its storage. What an earlier call left in the arena is
  /// undefined.
  void enter(MemorySegment arena, MemorySegment state) {
    System.arraycopy(home, 0, at, 0, at.length);
    for (int i = 0; i < memory.length; i++) {
      memory[i] =
          switch (plan.buffers().get(i).storage()) {
            case ARENA, SCRATCH -> arena;
            case WEIGHTS -> weights;
            case STATE -> state;
          };
    }
  }

  /// Lays a buffer into memory of the caller's.
  void lend(int buffer, MemorySegment lent) {
    memory[buffer] = lent;
    at[buffer] = 0;
  }

  /// Forgets all memory.
  void leave() {
    Arrays.fill(memory, MemorySegment.NULL);
  }

  void setDims(long[] values) {
    System.arraycopy(values, 0, dims, 0, dims.length);
  }

  void setAt(int buffer, long offset) {
    at[buffer] = offset;
  }

  /// Puts each buffer that shares memory where the buffer lies with which it shares it.
  void share() {
    for (int i = 0; i < at.length; i++) {
      int sharing = plan.buffers().get(i).sharing();
      at[i] = at[sharing];
      memory[i] = memory[sharing];
    }
  }
}
