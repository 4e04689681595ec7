package dev.sinter.passes.cpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Runs a kernel over memory as it lies where it does the same with each element and all its
/// tensors lie alike in panels; where places are linear in the axes, [FuseAxes] sees to that.
///
/// Before: `w[%0, %1] = w[%0, %1] - g[%0, %1]` over `%0 < 30` and `%1 < 7`, in panels along axis 0.
/// After: the same over one axis of all elements, those included that pad the last panel.
final class OverMemory {
  private static final String ALL = "%0";

  private OverMemory() {}

  /// The kernel over one axis, if it is of that kind.
  static Optional<FlatKernel> of(FlatKernel kernel) {
    Write write = kernel.writes().getFirst();
    TileKernel.Buffer like = kernel.source().buffers().get(write.store().buffer());
    boolean alike =
        like.layout() instanceof Layout.Panels
            && kernel.computed().isEmpty()
            && kernel.axes().size() == like.type().rank()
            && kernel.values().stream().allMatch(v -> fits(kernel, v, like, write.place()))
            && kernel.writes().stream()
                .allMatch(w ->
                    w.store().accumulate().isEmpty()
                        && covers(kernel, w)
                        && isLike(kernel, w.store().buffer(), w.place(), like, write.place()));
    return alike ? Optional.of(over(kernel, like)) : Optional.empty();
  }

  /// Whether a store runs over all elements of its buffer.
  private static boolean covers(FlatKernel kernel, Write write) {
    TensorType type = kernel.source().buffers().get(write.store().buffer()).type();
    for (int d = 0; d < type.rank(); d++) {
      String axis =
          write.store().at().get(d) instanceof TileIndex.At(Dim expr) ? expr.symbolName() : null;
      if (axis == null
          || !kernel.axesOfKernel().contains(axis)
          || !kernel.axis(axis).extent().equals(type.dim(d))) {
        return false;
      }
    }
    return true;
  }

  private static boolean fits(FlatKernel kernel, Value value, TileKernel.Buffer like, Dim place) {
    return switch (value.definition()) {
      case Definition.Load load ->
          load.guard().isEmpty()
              && (value.axes().isEmpty()
                  || isLike(kernel, load.buffer(), value.place(), like, place));
      case Definition.IndexValue _ -> value.axes().isEmpty();
      case Definition.Reduce _ -> false;
      case Definition.Constant _, Definition.Apply _, Definition.Cast _ -> true;
    };
  }

  private static boolean isLike(
      FlatKernel kernel, int buffer, Dim place, TileKernel.Buffer like, Dim other) {
    TileKernel.Buffer b = kernel.source().buffers().get(buffer);
    return b.layout().equals(like.layout())
        && b.type().shape().equals(like.type().shape())
        && place.equals(other);
  }

  private static FlatKernel over(FlatKernel kernel, TileKernel.Buffer like) {
    Dim all = Dim.symbol(ALL);
    List<Value> values = new ArrayList<>();
    for (Value v : kernel.values()) {
      boolean varies = !v.axes().isEmpty();
      Dim place = varies && v.definition() instanceof Definition.Load ? all : v.place();
      values.add(
          new Value(
              v.number(),
              v.definition(),
              v.dtype(),
              varies ? Set.of(ALL) : Set.of(),
              v.parts(),
              place));
    }
    List<Write> writes =
        kernel.writes().stream()
            .map(w -> new Write(w.store(), Set.of(ALL), w.parts(), all))
            .toList();
    Axis axis = new Axis(ALL, like.layout().size(like.type().shape()));
    return new FlatKernel(kernel.source(), List.of(axis), values, writes, kernel.computed());
  }
}
