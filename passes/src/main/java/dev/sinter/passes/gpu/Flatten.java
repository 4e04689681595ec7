package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.Store;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes one axis of all, where a kernel reads and writes its tensors in the order in which they
/// lie in memory: then any number of points is cut into fours, whatever the last axis is.
final class Flatten {
  private Flatten() {}

  /// The flat kernel, or the same one where some access is not in order.
  static TileKernel flatten(TileKernel kernel) {
    Dim size = KernelClass.extent(kernel.axes());
    Axis flat = new Axis("%flat", size);
    Dim order = order(kernel.axes());
    List<TileIndex> at = List.of(new TileIndex.At(flat.index()));
    List<Definition> body = new ArrayList<>();
    for (Definition definition : kernel.body()) {
      switch (definition) {
        case Definition.Load load
            when load.guard().isEmpty() && isInOrder(kernel, load.buffer(), load.at(), order) ->
            body.add(new Definition.Load(load.buffer(), at, Optional.empty()));
        case Definition.Constant _, Definition.Apply _, Definition.Cast _ -> body.add(definition);
        case Definition.Load _, Definition.IndexValue _, Definition.Reduce _ -> {
          return kernel;
        }
      }
    }
    List<Store> stores = new ArrayList<>();
    for (Store store : kernel.stores()) {
      if (!isInOrder(kernel, store.buffer(), store.at(), order)) {
        return kernel;
      }
      stores.add(new Store(store.buffer(), at, store.value(), store.accumulate()));
    }
    List<TileKernel.Buffer> buffers =
        kernel.buffers().stream()
            .map(b ->
                new TileKernel.Buffer(
                    b.name(),
                    new TensorType(b.type().dtype(), List.of(b.type().size())),
                    Layout.rowMajor(1)))
            .toList();
    return new TileKernel(kernel.name(), buffers, List.of(flat), body, stores);
  }

  /// The number of a point.
  private static Dim order(List<Axis> axes) {
    Dim order = Dim.ZERO;
    for (Axis axis : axes) {
      order = order.times(axis.extent()).plus(axis.index());
    }
    return order;
  }

  private static boolean isInOrder(TileKernel kernel, int buffer, List<TileIndex> at, Dim order) {
    List<Dim> index = new ArrayList<>();
    for (TileIndex each : at) {
      if (!(each instanceof TileIndex.At(Dim expr))) {
        return false;
      }
      index.add(expr);
    }
    TileKernel.Buffer b = kernel.buffers().get(buffer);
    return b.layout().offset(b.type().shape(), index).equals(order);
  }
}
