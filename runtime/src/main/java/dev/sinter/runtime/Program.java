package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;

/// What a compiled model is to the runtime: the contract that generated code implements.
///
/// A program is stateless and thread-safe; a public class with a public constructor without
/// parameters. It has *entries* (one a function of the model) and *steps* (one a kernel launch,
/// numbered over all entries). A call goes: [#bind] turns the inputs' shapes into the dim table,
/// [#sizes] that into the size of each planned buffer, [Placement] those into offsets, all of it
/// once for each set of shapes; then [#run] walks through the entry's steps, each over all threads
/// by [Frame#launch], which calls [#step] back.
///
/// Neither `run` nor `step` may allocate. Every buffer begins at a multiple of 64 bytes and is
/// followed by at least 64 bytes that belong to nobody else, so a kernel may read and write a
/// vector past its end.
public interface Program {
  /// What the model is called, takes, gives and keeps. Entries, parameters and states are numbered
  /// as listed there.
  ModelSpec spec();

  /// The buffers of an entry and when they live. The same object at each call.
  BufferPlan plan(int entry);

  /// Fills the dim table from the inputs' dims, which come input after input, and after them those
  /// of the states that the plan asks, -1 for each dim of one that has no shape yet. The runtime
  /// has checked ranks, constant dims and equal symbols against the spec; the program computes the
  /// rest and checks the facts. A dim that a kernel will define is -1 here, and is written to the
  /// frame when it is known.
  ///
  /// @throws ShapeException when the dims do not go together or are against a fact
  void bind(int entry, long[] inputDims, long[] dims);

  /// Writes the bytes of every `ARENA` buffer of the entry's plan, and of every `SCRATCH` buffer
  /// for one thread, at its bound where a kernel defines a dim. What is written for other storages
  /// is not read.
  void sizes(int entry, long[] dims, long[] bytes);

  /// The bytes of each block of packed weights: constants and parameters in the form that the
  /// kernels want.
  long[] packedSizes();

  /// Writes the packed weights, once, when the model is loaded.
  ///
  /// @param parameters the values of each parameter as the spec lists them, row-major, aligned to
  ///   its element at least
  /// @param packed where to write
  /// @param at where each block of [#packedSizes] begins in `packed`
  void pack(MemorySegment[] parameters, MemorySegment packed, long[] at);

  /// The package of the packages of compiled models.
  String PACKAGE = "sinter.models";

  /// How the names of the methods begin that are register tiles: C2 alone is to compile them. Names
  /// out of a model have no such sign in them.
  String TILE = "c2$";

  /// The bytes of the memory on which [#warm] works.
  long SCRATCH = 1 << 16;

  /// Runs the large methods of the kernels so often that the JIT compiles them, and not only when
  /// calls wait for them. What they do goes to `scratch`, of [#SCRATCH] bytes, native memory, which
  /// others may write on at the same time.
  default void warm(MemorySegment scratch) {}

  /// Runs an entry: its steps in order, loops and branches as Java.
  void run(int entry, Frame frame);

  /// Does one of `parts` shares of a step. All shares together do the step, whatever their order.
  void step(int step, Frame frame, int part, int parts);

  /// The bytes that a state takes in the session's memory. The default is its row-major size; a
  /// program whose kernels keep a state in another layout overrides this, [#packState] and
  /// [#unpackState].
  default long stateBytes(int state, long[] shape) {
    return spec().states().get(state).dtype().bytes(Shapes.size(shape));
  }

  /// Copies a state from row-major to where its kernels keep it.
  default void packState(int state, long[] shape, MemorySegment from, MemorySegment to, long at) {
    MemorySegment.copy(from, 0, to, at, from.byteSize());
  }

  /// Copies a state from where its kernels keep it to row-major.
  default void unpackState(int state, long[] shape, MemorySegment from, long at, MemorySegment to) {
    MemorySegment.copy(from, at, to, 0, to.byteSize());
  }
}
