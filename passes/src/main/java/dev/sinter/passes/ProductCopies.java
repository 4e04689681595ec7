package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Gives a product that finds no axis for its lanes copies that lie as it needs them.
///
/// The gradient of a layer finds the layer's weight lying across, a convolution at the border of an
/// entry finds the caller's pictures with their columns last.
///
/// Before: `conv(x, w, out)`, `out` row-major. After: `conv(x, w, out.copy)` with its channels
/// last, then `copy(out.copy, out)`.
final class ProductCopies {
  private final List<Buffer> buffers;
  private final KernelTable table;

  /// @param buffers those of the program, to which the copies are added
  ProductCopies(List<Buffer> buffers, KernelTable table) {
    this.buffers = buffers;
    this.table = table;
  }

  /// A launch with the copies that are made before it and after it.
  record Around(List<Step> before, Step.Launch launch, List<Step> after) {}

  /// The launch of `kernel` as it can be done best.
  Around around(Step.Launch launch, TileKernel kernel) {
    List<Layout> layouts =
        launch.buffers().stream().map(number -> buffers.get(number).layout()).toList();
    Map<Integer, Layout> missing =
        Product.of(kernel).map(product -> product.missing(layouts)).orElse(Map.of());
    List<Step> before = new ArrayList<>();
    List<Step> after = new ArrayList<>();
    List<Integer> used = new ArrayList<>(launch.buffers());
    missing.forEach((slot, layout) -> {
      int original = launch.buffers().get(slot);
      int copy = add(buffers.get(original), layout);
      used.set(slot, copy);
      boolean written = kernel.stores().stream().anyMatch(s -> s.buffer() == slot);
      if (!written || isRead(kernel, slot)) {
        before.add(copy(original, copy, launch));
      }
      if (written) {
        after.add(copy(copy, original, launch));
      }
    });
    Step.Launch changed =
        new Step.Launch(launch.kernel(), used, launch.sizes(), launch.spans(), launch.fusion());
    return new Around(before, changed, after);
  }

  /// Whether what a buffer holds before is needed: read, added to, or not written over in full.
  private static boolean isRead(TileKernel kernel, int slot) {
    boolean loaded =
        kernel.body().stream()
            .anyMatch(d -> d instanceof TileKernel.Definition.Load l && l.buffer() == slot);
    return loaded
        || kernel.stores().stream()
            .filter(s -> s.buffer() == slot)
            .anyMatch(s -> s.accumulate().isPresent() || !coversAll(kernel, s));
  }

  private static boolean coversAll(TileKernel kernel, TileKernel.Store store) {
    List<Dim> shape = kernel.buffers().get(store.buffer()).type().shape();
    Set<String> axes = new HashSet<>();
    for (int d = 0; d < shape.size(); d++) {
      Dim extent = shape.get(d);
      boolean all =
          store.at().get(d) instanceof TileIndex.At(Dim at)
              && ((extent.is(1) && at.is(0))
                  || kernel.axes().stream()
                      .anyMatch(a ->
                          a.symbol().equals(at.symbolName())
                              && a.extent().equals(extent)
                              && axes.add(a.symbol())));
      if (!all) {
        return false;
      }
    }
    return true;
  }

  private int add(Buffer original, Layout layout) {
    buffers.add(
        new Buffer(
            original.name() + ".copy" + buffers.size(),
            original.dtype(),
            original.shape(),
            layout,
            new Program.Origin.Temporary(),
            Optional.empty(),
            original.live()));
    return buffers.size() - 1;
  }

  private Step copy(int from, int to, Step.Launch beside) {
    KernelDraft draft = new KernelDraft(buffers::get);
    List<TileIndex> at = new ArrayList<>();
    draft.index(buffers.get(from).shape()).forEach(index -> at.add(new TileIndex.At(index)));
    int element = draft.load(from, at, Optional.empty());
    draft.store(new Source.Place(to, List.of()), at, element, Optional.empty());
    LowerGroup.Lowered copy = draft.finish("copy");
    KernelTable.Use use = table.use(copy.kernel());
    return new Step.Launch(
        use.kernel(), copy.buffers(), use.sizes(), beside.spans(), Program.Fusion.NONE);
  }
}
