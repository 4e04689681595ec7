package dev.sinter.passes;

import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where a kernel may write a result into the memory of an operand.
final class InPlace {
  private InPlace() {}

  /// Whether result buffer `to` of `kernel` may lie in the memory of operand buffer `from`: an
  /// element of it is read at the point that writes the same element only, outside of reductions,
  /// and every other result is written at the same points.
  static boolean possible(TileKernel kernel, int from, int to) {
    List<TileKernel.Store> writing =
        kernel.stores().stream().filter(s -> s.buffer() == to).toList();
    if (writing.size() != 1 || writing.getFirst().accumulate().isPresent()) {
      return false;
    }
    List<TileIndex> at = writing.getFirst().at();
    boolean together = kernel.stores().stream().allMatch(s -> s.at().equals(at));
    boolean injective = at.stream().allMatch(InPlace::plain);
    if (!together || !injective) {
      return false;
    }
    Set<Integer> reduced = reduced(kernel);
    for (int i = 0; i < kernel.body().size(); i++) {
      if (kernel.body().get(i) instanceof Definition.Load load
          && load.buffer() == from
          && (!load.at().equals(at) || reduced.contains(i))) {
        return false;
      }
    }
    return kernel.stores().stream().noneMatch(s -> s.buffer() == from && from != to);
  }

  private static boolean plain(TileIndex index) {
    return index instanceof TileIndex.At(var expr)
        && (expr.symbolName() != null || expr.isConstant());
  }

  /// The definitions that some reduction is made of.
  private static Set<Integer> reduced(TileKernel kernel) {
    Set<Integer> out = new HashSet<>();
    for (int i = kernel.body().size() - 1; i >= 0; i--) {
      Definition definition = kernel.body().get(i);
      if (definition instanceof Definition.Reduce || out.contains(i)) {
        out.addAll(arguments(definition));
      }
    }
    return out;
  }

  private static List<Integer> arguments(Definition definition) {
    return switch (definition) {
      case Definition.Load load -> {
        List<Integer> out = new ArrayList<>(load.guard().stream().toList());
        for (TileIndex index : load.at()) {
          if (index instanceof TileIndex.Computed(int value)) {
            out.add(value);
          }
        }
        yield out;
      }
      case Definition.Constant _, Definition.IndexValue _ -> List.of();
      case Definition.Apply apply -> apply.args();
      case Definition.Cast cast -> List.of(cast.arg());
      case Definition.Reduce reduce -> List.of(reduce.arg());
    };
  }

  /// The kernel with buffer `from` gone and `to` in its place.
  static TileKernel merged(TileKernel kernel, int from, int to) {
    List<TileKernel.Buffer> buffers = new ArrayList<>(kernel.buffers());
    buffers.remove(from);
    List<Definition> body = new ArrayList<>();
    for (Definition definition : kernel.body()) {
      body.add(
          definition instanceof Definition.Load(int buffer, List<TileIndex> at, Optional<Integer> g)
              ? new Definition.Load(number(buffer, from, to), at, g)
              : definition);
    }
    List<TileKernel.Store> stores = new ArrayList<>();
    for (TileKernel.Store s : kernel.stores()) {
      stores.add(
          new TileKernel.Store(number(s.buffer(), from, to), s.at(), s.value(), s.accumulate()));
    }
    return new TileKernel(kernel.name(), buffers, kernel.axes(), body, stores);
  }

  private static int number(int buffer, int from, int to) {
    int kept = buffer == from ? to : buffer;
    return kept > from ? kept - 1 : kept;
  }
}
