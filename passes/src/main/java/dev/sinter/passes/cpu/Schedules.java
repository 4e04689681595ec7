package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.passes.cpu.FlatKernel.Write;
import dev.sinter.passes.cpu.Scope.Binding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// From what a kernel computes to how a tier of CPUs does it.
public final class Schedules {
  private Schedules() {}

  /// The loops of `kernel` on `tier`. Its sizes are the same for every tier: see [#sizes].
  public static LoopKernel lower(TileKernel kernel, CpuTier tier) {
    FlatKernel flat = FlatKernel.of(kernel);
    LocalNames names = new LocalNames();
    NestBuilder nest = new NestBuilder(flat, names);
    Scope root = Scope.root();
    List<String> outer = outerAxes(flat);
    Set<Integer> wanted = new TreeSet<>();
    flat.writes().forEach(w -> wanted.addAll(w.parts()));
    String from = names.fresh("from");
    String to = names.fresh("to");
    List<String> order = new ArrayList<>(outer);
    String shared = outer.stream().filter(a -> isDisjoint(flat, a)).findFirst().orElse("");
    order.remove(shared);
    Scope inside = root.inner();
    if (shared.isEmpty()) {
      // Nothing to divide: the first part does it all.
      String turn = names.fresh("turn");
      Scope once = inside.inner();
      nest.loops(once, order, wanted, body -> stores(nest, flat, body, outer));
      Dim one = Dim.ONE;
      inside.out.add(new Statement.For(turn, Dim.symbol(from), Dim.symbol(to), one, once.out));
      root.out.add(new Statement.Share(from, to, one, inside.out));
    } else {
      String index = names.fresh("i" + shared.substring(1));
      nest.define(root, wanted, new TreeSet<>(flat.axesOfKernel()));
      Scope run = inside.with(shared, Binding.one(Dim.symbol(index)));
      nest.loops(run, order, wanted, body -> stores(nest, flat, body, outer));
      inside.out.add(new Statement.For(index, Dim.symbol(from), Dim.symbol(to), Dim.ONE, run.out));
      Dim extent = flat.axis(shared).extent();
      root.out.add(new Statement.Share(from, to, extent, inside.out));
    }
    List<LoopKernel.Buffer> buffers =
        kernel.buffers().stream()
            .map(b -> new LoopKernel.Buffer(b.name(), b.type().dtype()))
            .toList();
    return new LoopKernel(
        kernel.name(),
        buffers,
        flat.sizes(),
        List.of(new LoopKernel.Function(kernel.name(), List.of(), root.out)));
  }

  /// The sizes that every variant of `kernel` takes, in their order.
  public static List<String> sizes(TileKernel kernel) {
    return FlatKernel.of(kernel).sizes();
  }

  /// The stores inside the common loops, those over the same axes together.
  private static void stores(NestBuilder nest, FlatKernel flat, Scope scope, List<String> outer) {
    Map<List<String>, List<Write>> groups = new LinkedHashMap<>();
    for (Write write : flat.writes()) {
      List<String> rest = new ArrayList<>(order(write));
      rest.removeAll(outer);
      groups.computeIfAbsent(rest, r -> new ArrayList<>()).add(write);
    }
    groups.forEach((rest, writes) -> {
      List<Integer> parts = new ArrayList<>();
      writes.forEach(w -> parts.addAll(w.parts()));
      nest.loops(scope, rest, parts, body -> nest.store(body, writes));
    });
  }

  /// The axes that every store runs over and no reduction does, outermost first.
  private static List<String> outerAxes(FlatKernel flat) {
    Set<String> common = new LinkedHashSet<>(order(flat.writes().getFirst()));
    flat.writes().forEach(w -> common.retainAll(w.axes()));
    for (FlatKernel.Value value : flat.values()) {
      if (value.definition() instanceof Definition.Reduce reduce) {
        common.removeAll(reduce.axes());
      }
    }
    return List.copyOf(common);
  }

  /// The axes of a store in the order of its index.
  private static List<String> order(Write write) {
    Set<String> order = new LinkedHashSet<>();
    for (TileIndex index : write.store().at()) {
      if (index instanceof TileIndex.At(Dim expr)) {
        order.addAll(FlatKernel.axesOf(expr));
      }
    }
    order.addAll(write.axes());
    return List.copyOf(order);
  }

  /// Whether two indices of `axis` never write the same element.
  private static boolean isDisjoint(FlatKernel flat, String axis) {
    for (Write write : flat.writes()) {
      if (flat.source().buffers().get(write.store().buffer()).type().dtype().bits() < 8) {
        return false;
      }
      boolean certain =
          write.store().accumulate().isEmpty()
              && write.store().at().stream().allMatch(i -> i instanceof TileIndex.At);
      boolean own =
          write.store().at().stream()
              .anyMatch(i -> i instanceof TileIndex.At(Dim expr) && axis.equals(expr.symbolName()));
      if (!certain && !own) {
        return false;
      }
    }
    return true;
  }
}
