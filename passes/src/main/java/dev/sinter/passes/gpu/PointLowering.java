package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Grid;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Store;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One thread for one point, or for four that lie together; reductions are loops of the thread.
final class PointLowering {
  private static final int QUAD = 4;

  private final TileKernel kernel;
  private final GpuSchedule.Points schedule;
  private final ThreadCode code = new ThreadCode();
  private final Scope root = Scope.root(code);
  private final Dim thread;
  private Dim blocks = Dim.ZERO;

  private PointLowering(TileKernel kernel, GpuSchedule.Points schedule) {
    this.kernel = kernel;
    this.schedule = schedule;
    this.thread = Scope.BLOCK.times(schedule.threads()).plus(Scope.THREAD);
  }

  static Lowered lower(TileKernel kernel, GpuSchedule.Points schedule) {
    TileKernel flat = schedule.vector() == 1 ? kernel : Flatten.flatten(kernel);
    return new PointLowering(flat, schedule).run();
  }

  private Lowered run() {
    List<Set<String>> dependences = kernel.dependences();
    Map<Set<String>, List<Store>> domains = new LinkedHashMap<>();
    for (Store store : kernel.stores()) {
      Set<String> axes = KernelClass.axes(store, dependences);
      domains.computeIfAbsent(axes, _ -> new ArrayList<>()).add(store);
    }
    domains.forEach((axes, stores) -> domain(KernelClass.select(kernel, axes), stores));
    return new Lowered(new Grid(blocks, schedule.threads()), List.of(), code.steps());
  }

  private void domain(List<Axis> axes, List<Store> stores) {
    if (KernelClass.extent(axes).is(0)) {
      return;
    }
    Dim last = axes.isEmpty() ? Dim.ONE : axes.getLast().extent();
    if (schedule.vector() == 1 || axes.isEmpty()) {
      needBlocks(KernelClass.extent(axes));
      single(axes, KernelClass.extent(axes), thread, stores);
    } else if (QuadLoads.isMultiple(last, QUAD)) {
      needBlocks(KernelClass.extent(axes).floorDiv(QUAD));
      quads(axes, stores);
    } else if (axes.size() == 1 && !(last.isConstant() && last.constant() < QUAD)) {
      // The rest of fewer than four is for the first threads.
      needBlocks(last.ceilDiv(Dim.of(QUAD)));
      quads(axes, stores);
      single(axes, last, last.floorDiv(QUAD).times(QUAD).plus(thread), stores);
    } else {
      needBlocks(KernelClass.extent(axes));
      single(axes, KernelClass.extent(axes), thread, stores);
    }
  }

  /// Point number `point` of a thread, where it is below `points`.
  private void single(List<Axis> axes, Dim points, Dim point, List<Store> stores) {
    Optional<Register> valid = Optional.of(root.below(point, points));
    Scope scope = root.inside(code, valid).bind(axes, point);
    values(kernel).store(stores, scope, valid);
  }

  /// Four points of a thread along the last axis, where there are four.
  private void quads(List<Axis> axes, List<Store> stores) {
    List<Axis> outer = new ArrayList<>(axes);
    Axis inner = outer.removeLast();
    outer.add(new Axis(inner.symbol(), inner.extent().floorDiv(QUAD)));
    Dim count = KernelClass.extent(outer);
    Optional<Register> valid = Optional.of(root.below(thread, count));
    Scope first = root.inside(code, valid).bind(outer, thread);
    Dim quad = first.resolved(inner.index()).times(QUAD);
    first.bind(inner.symbol(), quad);
    QuadLoads loads = new QuadLoads(first, inner.symbol());
    // What does not depend on the last axis is computed once, outside of the four.
    Scope row = root.inside(code, valid);
    outer
        .subList(0, outer.size() - 1)
        .forEach(axis -> row.bind(axis.symbol(), first.resolved(axis.index())));
    List<Scope> points = new ArrayList<>();
    for (int lane = 0; lane < QUAD; lane++) {
      points.add(
          row.inside(code, valid)
              .bind(inner.symbol(), quad.plus(lane))
              .withQuad(new Scope.Quad(loads, inner.symbol(), lane)));
    }
    values(kernel).storeQuad(stores, loads, points, valid);
  }

  private static ValueLowering values(TileKernel kernel) {
    return new ValueLowering(kernel, (_, _, _) -> Optional.empty());
  }

  private void needBlocks(Dim threads) {
    Dim needed = threads.ceilDiv(Dim.of(schedule.threads()));
    blocks = blocks.is(0) ? needed : blocks.max(needed);
  }
}
