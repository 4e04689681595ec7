package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;

/// What generated code works on during a call: three memories, where each buffer lies, the dim
/// table, the threads.
public final class Frame {
  private final Program program;
  private final Workers workers;
  private final MemorySegment weights;
  private final long[] at;
  private final long[] dims;
  private MemorySegment arena = MemorySegment.NULL;
  private MemorySegment state = MemorySegment.NULL;

  Frame(Program program, Workers workers, MemorySegment weights, long[] at, long[] dims) {
    this.program = program;
    this.workers = workers;
    this.weights = weights;
    this.at = at;
    this.dims = dims;
  }

  /// The memory of inputs, outputs and everything between; what an earlier call left in it is
  /// undefined.
  public MemorySegment arena() {
    return arena;
  }

  /// The packed weights; never written after load, and shared by all sessions.
  public MemorySegment weights() {
    return weights;
  }

  /// The memory that this session keeps between calls.
  public MemorySegment state() {
    return state;
  }

  /// The byte offset of a buffer in the memory of its storage.
  public long at(int buffer) {
    return at[buffer];
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

  void setMemory(MemorySegment arena, MemorySegment state) {
    this.arena = arena;
    this.state = state;
  }

  void setDims(long[] values) {
    System.arraycopy(values, 0, dims, 0, dims.length);
  }

  void setAt(int buffer, long offset) {
    at[buffer] = offset;
  }

  /// Puts each buffer that shares memory where the buffer lies with which it shares it, in whatever
  /// storage that is.
  void share(BufferPlan plan) {
    for (int i = 0; i < at.length; i++) {
      at[i] = at[plan.buffers().get(i).sharing()];
    }
  }
}
