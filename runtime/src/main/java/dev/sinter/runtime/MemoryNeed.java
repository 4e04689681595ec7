package dev.sinter.runtime;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The bytes that a session takes for a call.
///
/// @param weights packed weights, which all sessions of a model share
/// @param states what is kept from call to call
/// @param activations inputs, outputs and what lies between them
public record MemoryNeed(long weights, long states, long activations) {
  /// What a call of an entry takes, before anything is loaded.
  ///
  /// @param symbols the values of sizes that stand alone in the type of an input
  /// @return nothing where some size of an input is neither a constant nor in `symbols`
  /// @throws ShapeException when the sizes do not fit the entry
  public static Optional<MemoryNeed> of(Program program, int entry, Map<String, Long> symbols) {
    EntrySpec spec = program.spec().entries().get(entry);
    long[] inputDims = new long[spec.inputs().stream().mapToInt(TensorSpec::rank).sum()];
    int at = 0;
    for (TensorSpec input : spec.inputs()) {
      for (String dim : input.dims()) {
        long size = symbols.getOrDefault(dim, Dims.constant(dim));
        if (size < 0) {
          return Optional.empty();
        }
        inputDims[at++] = size;
      }
    }
    BufferPlan plan = program.plan(entry);
    long[] dims = new long[plan.dims()];
    program.bind(entry, inputDims, dims);
    long[] sizes = new long[plan.buffers().size()];
    program.sizes(entry, dims, sizes);
    return Optional.of(
        new MemoryNeed(
            packed(program.packedSizes()),
            states(program, symbols),
            Placement.place(plan, sizes).bytes()));
  }

  /// The bytes of blocks of packed weights, one after the other.
  static long packed(long[] sizes) {
    long bytes = 0;
    for (long size : sizes) {
      bytes = Math.addExact(bytes, rounded(size));
    }
    return bytes;
  }

  /// The bytes that a block of `size` takes among others.
  static long rounded(long size) {
    long room = Math.ceilDiv(size + Placement.SLACK, (long) Tensor.ALIGNMENT);
    return Math.multiplyExact(room, (long) Tensor.ALIGNMENT);
  }

  private static long states(Program program, Map<String, Long> symbols) {
    long bytes = 0;
    List<StateSpec> states = program.spec().states();
    for (int i = 0; i < states.size(); i++) {
      long[] shape =
          states.get(i).dims().stream()
              .mapToLong(dim -> symbols.getOrDefault(dim, Dims.constant(dim)))
              .toArray();
      if (java.util.Arrays.stream(shape).allMatch(size -> size >= 0)) {
        bytes = Math.addExact(bytes, rounded(program.stateBytes(i, shape)));
      }
    }
    return bytes;
  }

  /// All of it.
  public long total() {
    return weights + states + activations;
  }

  /// The parts in words.
  @Override
  public String toString() {
    return "%d bytes of memory: weights %d, states %d, activations %d"
        .formatted(total(), weights, states, activations);
  }
}
