package dev.sinter.passes.cpu;

import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import java.util.List;
import java.util.Optional;

/// The sums of a product of which the result is made by a dear function, as that of a dense layer
/// with GELU: a tile leaves them where the result will lie, and a loop makes the result of them.
/// Else a tile would have the function once for each of its accumulators, more than C2 inlines.
///
/// @param reduction the value of the sums
/// @param write the store of the result
record Unfinished(int reduction, Write write) {
  /// The sums in `kernel` that are worth it, if there are any.
  static Optional<Unfinished> of(FlatKernel kernel) {
    if (kernel.writes().size() != 1 || kernel.isInPlace()) {
      return Optional.empty();
    }
    Write write = kernel.writes().getFirst();
    List<Value> reductions =
        kernel.values().stream().filter(v -> v.definition() instanceof Definition.Reduce).toList();
    if (reductions.size() != 1) {
      return Optional.empty();
    }
    Value sums = reductions.getFirst();
    int buffer = write.store().buffer();
    boolean lies =
        sums.axes().equals(write.axes())
            && sums.dtype() == kernel.source().buffers().get(buffer).type().dtype();
    boolean dear =
        kernel.values().stream()
            .anyMatch(v -> FlatKernel.isDear(v) && kernel.uses(v.number(), sums.number()));
    return lies && dear ? Optional.of(new Unfinished(sums.number(), write)) : Optional.empty();
  }
}
