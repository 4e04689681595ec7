package dev.sinter.passes.cpu;

import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A dear value of which both a reduction and the result are made, as the exponential in a softmax:
/// the loop of the reduction writes it where the result will lie, and the loop of the result reads
/// it there, so that it is computed once.
///
/// @param value the value
/// @param write the store of the result
record Spill(int value, Write write) {
  /// The value of `kernel` that is worth it, if there is one.
  static Optional<Spill> of(FlatKernel kernel) {
    if (kernel.writes().size() != 1) {
      return Optional.empty();
    }
    Write write = kernel.writes().getFirst();
    int buffer = write.store().buffer();
    boolean read =
        kernel.values().stream()
            .anyMatch(v -> v.definition() instanceof Definition.Load l && l.buffer() == buffer);
    if (read || write.store().accumulate().isPresent()) {
      return Optional.empty();
    }
    Set<Integer> direct = new HashSet<>();
    withoutReductions(kernel, write.parts(), direct);
    return kernel.values().stream()
        .filter(FlatKernel::isDear)
        .filter(v -> v.dtype() == kernel.source().buffers().get(buffer).type().dtype())
        .filter(v -> v.axes().equals(write.axes()) && direct.contains(v.number()))
        .filter(v -> isReduced(kernel, v))
        .map(v -> new Spill(v.number(), write))
        .findFirst();
  }

  /// What values are made of at the same index.
  private static void withoutReductions(FlatKernel kernel, List<Integer> from, Set<Integer> found) {
    for (int v : from) {
      if (found.add(v) && !(kernel.definition(v) instanceof Definition.Reduce)) {
        withoutReductions(kernel, kernel.values().get(v).parts(), found);
      }
    }
  }

  /// Whether a reduction that keeps some axis is made of `value`. Without such an axis all threads
  /// would reduce the whole, and write over what others have finished.
  private static boolean isReduced(FlatKernel kernel, Value value) {
    return kernel.values().stream()
        .anyMatch(v ->
            v.definition() instanceof Definition.Reduce
                && !v.axes().isEmpty()
                && kernel.uses(v.number(), value.number()));
  }
}
