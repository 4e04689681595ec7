package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Grid;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernel.Transfer;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A block for a tile of a contraction's result: slices of both factors go through shared memory, a
/// thread sums a small tile in registers, and what follows the sum is computed from there.
///
/// A factor that is one `f32` load is copied asynchronously, several slices ahead; any other is
/// computed and stored. Beyond the ends of the axes both factors are 0, so that no sum needs a
/// guard.
final class TileLowering {
  private final TileKernel kernel;
  private final KernelClass.Contraction shape;
  private final GpuSchedule.Tiles schedule;
  private final ThreadCode code = new ThreadCode();
  private final Scope root = Scope.root(code);
  private final ValueLowering values;
  private final Scope batch;
  private final Dim firstRow;
  private final Dim firstColumn;
  private final Dim depth;
  private final TileFactor left;
  private final TileFactor right;

  private TileLowering(
      TileKernel kernel, KernelClass.Contraction shape, GpuSchedule.Tiles schedule) {
    this.kernel = kernel;
    this.shape = shape;
    this.schedule = schedule;
    this.values = new ValueLowering(kernel, (_, _, _) -> Optional.empty());
    Dim across = KernelClass.extent(shape.columns()).ceilDiv(Dim.of(schedule.columns()));
    Dim down = KernelClass.extent(shape.rows()).ceilDiv(Dim.of(schedule.rows()));
    Dim tile = Scope.BLOCK.floorDiv(across);
    this.batch = root.inside(code, Optional.empty());
    this.firstColumn = batch.computed(Scope.BLOCK.mod(across)).times(schedule.columns());
    this.firstRow = batch.computed(tile.mod(down)).times(schedule.rows());
    batch.bind(shape.batch(), batch.computed(tile.floorDiv(down)));
    this.depth = KernelClass.extent(shape.summed());
    this.left = factor(0, "left", shape.left(), shape.rows(), firstRow, schedule.rows());
    this.right =
        factor(1, "right", shape.right(), shape.columns(), firstColumn, schedule.columns());
  }

  private TileFactor factor(
      int array, String name, int value, List<Axis> axes, Dim first, int length) {
    TileFactor.Tile tile =
        new TileFactor.Tile(axes, first, length, schedule.depth(), schedule.threads());
    return new TileFactor(kernel, values, batch, array, name, value, tile, shape.summed());
  }

  static Lowered lower(
      TileKernel kernel, KernelClass.Contraction shape, GpuSchedule.Tiles schedule) {
    return new TileLowering(kernel, shape, schedule).run();
  }

  private Lowered run() {
    List<Register> sums = sums();
    write(sums);
    Dim across = KernelClass.extent(shape.columns()).ceilDiv(Dim.of(schedule.columns()));
    Dim down = KernelClass.extent(shape.rows()).ceilDiv(Dim.of(schedule.rows()));
    Dim blocks = across.times(down).times(KernelClass.extent(shape.batch()));
    return new Lowered(
        new Grid(blocks, schedule.threads()),
        List.of(left.array(schedule.stages()), right.array(schedule.stages())),
        code.steps());
  }

  /// The loop over slices; answers the thread's sums, row by row.
  private List<Register> sums() {
    int ahead = schedule.stages() - 1;
    boolean async = left.isAsync() || right.isAsync();
    List<Register> carried = new ArrayList<>();
    for (int stage = 0; async && stage < ahead; stage++) {
      Dim from = Dim.of((long) stage * schedule.depth());
      carried.add(copies(batch, from, Dim.of(stage)));
    }
    carried.add(code.integer(0));
    carried.add(code.integer(ahead));
    int state = carried.size();
    Register zero = code.constant((Elem.Literal) Elem.literal(DType.F32, 0.0));
    int count = schedule.threadRows() * schedule.threadColumns();
    carried.addAll(Collections.nCopies(count, zero));
    List<Register> results =
        code.loop(
            batch.index(Dim.ZERO),
            batch.index(depth),
            schedule.depth(),
            carried,
            (body, index, inside) -> {
              Scope turn = batch.inside(body, Optional.empty());
              Dim from = turn.symbol(index);
              Dim reading = turn.symbol(inside.get(state - 2));
              Dim writing = turn.symbol(inside.get(state - 1));
              List<Register> next = new ArrayList<>();
              if (async) {
                body.add(new Step.Await(inside.getFirst()));
                Dim later = from.plus((long) ahead * schedule.depth());
                next.addAll(inside.subList(1, ahead));
                next.add(copies(turn, later, writing));
              }
              for (TileFactor factor : List.of(left, right)) {
                if (!factor.isAsync()) {
                  factor.store(turn, from, reading);
                }
              }
              List<Register> sums = inside.subList(state, inside.size());
              List<Register> added = multiply(turn, reading, sums);
              next.add(turned(turn, reading));
              next.add(turned(turn, writing));
              next.addAll(added);
              return next;
            });
    return results.subList(state, results.size());
  }

  /// The stage after `stage`, round and round.
  private Register turned(Scope turn, Dim stage) {
    Register next = turn.index(stage.plus(1));
    Register round = turn.code().apply(ScalarFn.EQ, next, turn.index(Dim.of(schedule.stages())));
    return turn.code().apply(ScalarFn.SELECT, round, turn.index(Dim.ZERO), next);
  }

  private Register copies(Scope scope, Dim from, Dim stage) {
    List<Transfer> transfers = new ArrayList<>();
    for (TileFactor factor : List.of(left, right)) {
      if (factor.isAsync()) {
        transfers.addAll(factor.transfers(scope, from, stage));
      }
    }
    Register token = scope.code().fresh(RegisterType.TOKEN);
    scope.code().add(new Step.Copies(token, transfers));
    return token;
  }

  private int across() {
    return schedule.columns() / schedule.threadColumns();
  }

  /// The row of the tile at which the thread's row `i` lies: fours of rows, spread over the tile.
  private Dim row(int i) {
    int groups = schedule.threadRows() / 4;
    Dim own = Scope.THREAD.floorDiv(across()).times(4);
    return own.plus((long) i / 4 * (schedule.rows() / groups) + i % 4);
  }

  private Dim column(int j) {
    int groups = schedule.threadColumns() / 4;
    Dim own = Scope.THREAD.mod(across()).times(4);
    return own.plus((long) j / 4 * (schedule.columns() / groups) + j % 4);
  }

  /// Adds the products of a slice.
  private List<Register> multiply(Scope turn, Dim stage, List<Register> sums) {
    return turn.code()
        .loop(
            turn.index(Dim.ZERO),
            turn.index(Dim.of(schedule.depth())),
            1,
            sums,
            (body, index, inside) -> {
              Scope scope = turn.inside(body, Optional.empty());
              Dim k = scope.symbol(index);
              List<Register> rows = new ArrayList<>();
              for (int i = 0; i < schedule.threadRows(); i += 4) {
                rows.addAll(four(scope, 0, left.place(stage, k, row(i))));
              }
              List<Register> columns = new ArrayList<>();
              for (int j = 0; j < schedule.threadColumns(); j += 4) {
                columns.addAll(four(scope, 1, right.place(stage, k, column(j))));
              }
              List<Register> out = new ArrayList<>();
              for (int i = 0; i < rows.size(); i++) {
                for (int j = 0; j < columns.size(); j++) {
                  Register sum = inside.get(i * columns.size() + j);
                  out.add(body.apply(ScalarFn.FMA, rows.get(i), columns.get(j), sum));
                }
              }
              return out;
            });
  }

  private static List<Register> four(Scope scope, int array, Dim place) {
    List<Register> to =
        Stream.generate(() -> scope.code().fresh(RegisterType.F32)).limit(4).toList();
    Place from = ValueLowering.at(new Memory.Shared(array), place, scope);
    scope.code().add(new Step.Load(to, from, Optional.empty()));
    return to;
  }

  /// What follows the sum, at each point of the thread's tile.
  private void write(List<Register> sums) {
    List<Scope> rows = new ArrayList<>();
    for (int i = 0; i < schedule.threadRows(); i++) {
      rows.add(line(shape.rows(), firstRow.plus(row(i))));
    }
    List<Scope> columns = new ArrayList<>();
    for (int j = 0; j < schedule.threadColumns(); j++) {
      columns.add(line(shape.columns(), firstColumn.plus(column(j))));
    }
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        Scope point = Scope.joined(code, rows.get(i), columns.get(j));
        Register sum = sums.get(i * columns.size() + j);
        point.values().put(shape.sum(), sum);
        values.store(kernel.stores(), point, point.valid());
      }
    }
  }

  private Scope line(List<Axis> axes, Dim number) {
    Optional<Register> valid = Optional.of(batch.below(number, KernelClass.extent(axes)));
    return batch.inside(code, valid).bind(axes, number);
  }
}
