package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Grid;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.SharedArray;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.Store;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A warp or a block for a row: each reduction that does not vary within the row is computed by all
/// of the row's threads, each of which takes every so many-th element; then the points are.
final class RowLowering {
  private final TileKernel kernel;
  private final int threads;
  private final int group;
  private final List<Axis> rows;
  private final ThreadCode code = new ThreadCode();
  private final Scope root = Scope.root(code);
  private final List<SharedArray> shared = new ArrayList<>();
  private final ValueLowering values;
  private final Scope row;
  private final Dim lane;

  private RowLowering(TileKernel kernel, List<Axis> rows, GpuSchedule.Rows schedule) {
    this.kernel = kernel;
    this.threads = schedule.threads();
    this.group = schedule.group();
    this.rows = rows;
    this.values = new ValueLowering(kernel, this::together);
    boolean wide = group == threads;
    this.lane = wide ? Scope.THREAD : Scope.THREAD.mod(group);
    Dim number =
        wide ? Scope.BLOCK : Scope.BLOCK.times(threads / group).plus(Scope.THREAD.floorDiv(group));
    Optional<Register> valid =
        wide ? Optional.empty() : Optional.of(root.below(number, KernelClass.extent(rows)));
    this.row = root.inside(code, valid);
    row.bind(rows, row.computed(number));
  }

  static Lowered lower(TileKernel kernel, List<Axis> rows, GpuSchedule.Rows schedule) {
    return new RowLowering(kernel, rows, schedule).run();
  }

  private Lowered run() {
    // A store may overwrite what a reduction reads: they all come first.
    for (int i = 0; i < kernel.body().size(); i++) {
      boolean own = kernel.body().get(i) instanceof Definition.Reduce;
      if (own && row.binds(values.dependences().get(i))) {
        values.value(i, row);
      }
    }
    Map<Set<String>, List<Store>> domains = new LinkedHashMap<>();
    for (Store store : kernel.stores()) {
      Set<String> axes = new TreeSet<>(KernelClass.axes(store, values.dependences()));
      rows.forEach(axis -> axes.remove(axis.symbol()));
      domains.computeIfAbsent(axes, _ -> new ArrayList<>()).add(store);
    }
    domains.forEach((axes, stores) -> write(KernelClass.select(kernel, axes), stores));
    Dim blocks = KernelClass.extent(rows).ceilDiv(Dim.of(threads / group));
    return new Lowered(new Grid(blocks, threads), shared, code.steps());
  }

  private void write(List<Axis> along, List<Store> stores) {
    if (along.isEmpty()) {
      Register first = code.apply(ScalarFn.EQ, row.index(lane), row.index(Dim.ZERO));
      Optional<Register> only =
          Optional.of(row.valid().map(v -> code.apply(ScalarFn.AND, v, first)).orElse(first));
      values.store(stores, row, only);
      return;
    }
    overRow(
        row,
        along,
        List.of(),
        (point, inside) -> {
          values.store(stores, point, point.valid());
          return List.of();
        });
  }

  private interface AtPoint {
    List<Register> run(Scope point, List<Register> inside);
  }

  /// Runs `body` at this thread's share of the points along `axes`.
  private List<Register> overRow(
      Scope home, List<Axis> axes, List<Register> initial, AtPoint body) {
    return home.code()
        .loop(
            home.index(lane),
            home.index(KernelClass.extent(axes)),
            group,
            initial,
            (turn, index, inside) -> {
              Scope point = home.inside(turn, home.valid());
              point.bind(axes, point.symbol(index));
              return body.run(point, inside);
            });
  }

  private Optional<Register> together(Scope home, Definition.Reduce reduce, List<Axis> axes) {
    if (home != row && home != root) {
      return Optional.empty();
    }
    Register identity = code.constant(reduce.reducer().identity(reduce.accumulator()));
    Register part =
        overRow(
                home,
                axes,
                List.of(identity),
                (point, inside) -> List.of(values.joined(reduce, point, inside.getFirst())))
            .getFirst();
    ScalarFn join = reduce.reducer().join();
    Register warp = butterfly(join, part, ThreadKernel.WARP);
    return Optional.of(group == ThreadKernel.WARP ? warp : overWarps(join, warp, identity));
  }

  /// The values of `width` neighbours joined, in each of them the same.
  private Register butterfly(ScalarFn join, Register value, int width) {
    Register joined = value;
    for (int mask = width / 2; mask >= 1; mask /= 2) {
      Register other = code.define(new Expr.Shuffle(joined, mask));
      joined = code.apply(join, joined, other);
    }
    return joined;
  }

  /// The values of a block's warps joined through shared memory, in each thread the same.
  private Register overWarps(ScalarFn join, Register value, Register identity) {
    int warps = threads / ThreadKernel.WARP;
    int array = shared.size();
    shared.add(new SharedArray("part" + array, value.type().dtype(), warps));
    Memory memory = new Memory.Shared(array);
    Dim within = Scope.THREAD.mod(ThreadKernel.WARP);
    Register leads = code.apply(ScalarFn.EQ, root.index(within), root.index(Dim.ZERO));
    Place own = new Place(memory, root.index(Scope.THREAD.floorDiv(ThreadKernel.WARP)), 0);
    code.add(new Step.Store(own, List.of(value), Optional.of(leads)));
    Register has = root.below(within, Dim.of(warps));
    Register loaded = code.fresh(value.type());
    Place each = new Place(memory, root.index(within), 0);
    code.add(new Step.Load(List.of(loaded), each, Optional.of(has)));
    Register part = code.apply(ScalarFn.SELECT, has, loaded, identity);
    return butterfly(join, part, ThreadKernel.WARP);
  }
}
