package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.cpu.Scope.Binding;
import dev.sinter.passes.tuning.Asked;
import dev.sinter.passes.tuning.Choices;
import dev.sinter.passes.tuning.ProductShape;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// From what a kernel computes to how a tier of CPUs does it.
///
/// The driver divides the work among threads and walks over it in plain integer loops, or calls
/// [Tiles] where a register tile is a work of its own.
public final class Schedules {
  /// Fewer turns than this of an outer loop are not worth being divided among threads.
  private static final long FEW = 16;

  /// With so many turns of outer loops one turn more or less for a thread does not count.
  private static final long MANY = 64;

  private final FlatKernel kernel;
  private final Schedule schedule;
  private final LocalNames names;
  private final ValueNames called;
  private final Set<Integer> wanted = new TreeSet<>();

  private Schedules(FlatKernel kernel, CpuTier tier, Choices choices) {
    this.kernel = kernel;
    this.schedule = Schedule.of(kernel, tier, choices);
    this.names = LocalNames.beside(kernel.source().sizes());
    this.called = new ValueNames(kernel);
    kernel.writes().forEach(w -> wanted.addAll(w.parts()));
  }

  /// The loops of `kernel` on `tier`, all choices estimated.
  public static LoopKernel lower(TileKernel kernel, CpuTier tier) {
    return lower(kernel, tier, ScheduleTable.EMPTY);
  }

  /// The loops of `kernel` on `tier`; its sizes are those of the kernel, on every tier.
  ///
  /// @param choices what is known to be the fastest; the rest is estimated
  public static LoopKernel lower(TileKernel kernel, CpuTier tier, Choices choices) {
    Schedules lowering = new Schedules(FlatKernel.of(kernel), tier, choices);
    List<LoopKernel.Buffer> buffers =
        kernel.buffers().stream().map(b -> new LoopKernel.Buffer(b.name(), inLoops(b))).toList();
    return ShareTiles.share(
        new LoopKernel(kernel.name(), buffers, kernel.sizes(), lowering.functions()));
  }

  /// What a table of schedules knows a kernel's product by, if it has one.
  public static Optional<ProductShape> product(TileKernel kernel, CpuTier tier) {
    Asked asked = new Asked(ScheduleTable.EMPTY);
    lower(kernel, tier, asked);
    return asked.products().keySet().stream().findFirst();
  }

  /// The type as which the elements of a buffer are read: several narrow ones are an integer.
  private static DType inLoops(TileKernel.Buffer buffer) {
    return buffer.layout() instanceof Layout.Interleaved ? DType.I32 : buffer.storage();
  }

  /// The driver first.
  private List<Function> functions() {
    List<Function> functions = new ArrayList<>();
    String name = kernel.source().name();
    if (schedule.isHeavy()) {
      Tiles tiles = new Tiles(kernel, schedule);
      functions.add(new Function(name, List.of(), tiles.driver()));
      functions.addAll(tiles.functions());
    } else {
      functions.add(new Function(name, List.of(), driver()));
    }
    return functions;
  }

  private List<Statement> driver() {
    Scope root = Scope.root();
    NestBuilder nest = schedule.nest(kernel, names);
    List<String> shared = new ArrayList<>();
    for (String axis : schedule.outer()) {
      if (Schedule.isDisjoint(kernel, axis) && !schedule.lane().equals(Optional.of(axis))) {
        shared.add(axis);
      }
    }
    boolean few = isFew(shared);
    List<String> inner = new ArrayList<>(schedule.outer());
    boolean divided =
        schedule.lane().filter(l -> few && Schedule.isDisjoint(kernel, l)).isPresent();
    schedule.lane().ifPresent(inner::remove);
    if (divided) {
      shared.clear();
    } else if (shared.size() > 1
        && isFew(List.of(shared.getLast()))
        && isMany(shared.subList(0, shared.size() - 1))) {
      // C2 writes out the turns of such a loop, whose number it knows.
      shared.removeLast();
    }
    inner.removeAll(shared);
    boolean alone = shared.isEmpty() && !divided;
    if (!alone) {
      nest.define(root, wanted, kernel.axesOfKernel());
    }
    Dim from = Dim.symbol(names.fresh("from"));
    Dim to = Dim.symbol(names.fresh("to"));
    Scope body = root.inner();
    Dim count;
    if (divided) {
      count = kernel.axis(schedule.lane().get()).extent().ceilDiv(schedule.step());
      nest.loops(body, inner, wanted, b -> run(nest, b, from, to));
    } else if (alone) {
      count = Dim.ONE;
      Scope only = body.inner();
      // One part does all: the others must not even read what it may write over.
      nest.define(only, wanted, kernel.axesOfKernel());
      nest.loops(only, inner, wanted, b -> columns(nest, b));
      body.out.add(new Statement.For(names.fresh("turn"), from, to, Dim.ONE, only.out));
    } else {
      count = turnsOf(shared);
      stretch(nest, body, shared, inner, from, to);
    }
    root.out.add(new Statement.Share(symbol(from), symbol(to), count, body.out));
    return root.out;
  }

  private boolean isFew(List<String> axes) {
    Dim turns = turnsOf(axes);
    return turns.isConstant() && turns.constant() < FEW;
  }

  private boolean isMany(List<String> axes) {
    Dim turns = turnsOf(axes);
    return turns.isConstant() && turns.constant() >= MANY;
  }

  private Dim turnsOf(List<String> axes) {
    return Dim.product(axes.stream().map(a -> kernel.axis(a).extent()).toList());
  }

  /// The turns `from` to `to` of the `shared` axes, numbered with the last of them fastest, and all
  /// of the `inner` ones in each. The last is a loop, so that no index is divided in it, which a
  /// stretch enters and leaves anywhere.
  private void stretch(
      NestBuilder nest, Scope scope, List<String> shared, List<String> inner, Dim from, Dim to) {
    String last = shared.getLast();
    List<String> around = shared.subList(0, shared.size() - 1);
    if (around.isEmpty()) {
      turns(nest, scope, last, inner, from, to);
      return;
    }
    Dim extent = kernel.axis(last).extent();
    Dim divisor = extent.max(Dim.ONE);
    names.enter();
    Dim turn =
        Dim.symbol(names.fresh(around.size() == 1 ? called.axis(around.getFirst()) : "turn"));
    Scope turnScope = scope.inner();
    Scope bound = nest.bind(turnScope, around, turn);
    Set<String> later = new TreeSet<>(inner);
    later.add(last);
    nest.define(bound, wanted, later);
    Dim before = turn.times(extent);
    Dim first = Dim.symbol(names.fresh(called.axis(last) + "From"));
    Dim end = Dim.symbol(names.fresh(called.axis(last) + "To"));
    bound.out.add(new Statement.Int(symbol(first), from.minus(before).max(Dim.ZERO)));
    bound.out.add(new Statement.Int(symbol(end), to.minus(before).min(extent)));
    turns(nest, bound, last, inner, first, end);
    if (bound != turnScope) {
      turnScope.out.addAll(bound.out);
    }
    names.leave();
    scope.out.add(
        new Statement.For(
            symbol(turn), from.floorDiv(divisor), to.ceilDiv(divisor), Dim.ONE, turnScope.out));
  }

  /// The turns `from` to `to` of an axis, and all of the `inner` ones in each.
  private void turns(
      NestBuilder nest, Scope scope, String axis, List<String> inner, Dim from, Dim to) {
    names.enter();
    Dim turn = Dim.symbol(names.fresh(called.axis(axis)));
    Scope bound = scope.with(axis, Binding.one(turn));
    nest.loops(bound, inner, wanted, b -> columns(nest, b));
    scope.out.add(new Statement.For(symbol(turn), from, to, Dim.ONE, bound.out));
    names.leave();
  }

  private static String symbol(Dim dim) {
    return Objects.requireNonNull(dim.symbolName());
  }

  /// All of the axis along the lanes, then what is inside it.
  private void columns(NestBuilder nest, Scope scope) {
    if (schedule.lane().isEmpty()) {
      nest.stores(scope, schedule);
    } else {
      nest.vectorLoops(
          scope, schedule.lane().get(), schedule.vectors(), wanted, b -> nest.stores(b, schedule));
    }
  }

  /// The vectors `from` to `to` of the axis along the lanes.
  private void run(NestBuilder nest, Scope scope, Dim from, Dim to) {
    String lane = schedule.lane().orElseThrow();
    Dim extent = kernel.axis(lane).extent();
    nest.define(scope, wanted, Set.of(lane));
    int vectors = schedule.vectors();
    if (Schedule.isWhole(extent, vectors)) {
      nest.vectorLoop(
          scope,
          lane,
          vectors,
          from.times(schedule.step()),
          to.times(schedule.step()),
          Optional.empty(),
          b -> nest.stores(b, schedule));
      return;
    }
    Dim last = Dim.symbol(names.fresh("last"));
    Dim full = Dim.symbol(names.fresh("full"));
    scope.out.add(new Statement.Int(symbol(last), to.times(schedule.step()).min(extent)));
    scope.out.add(
        new Statement.Int(symbol(full), last.floorDiv(schedule.step()).times(schedule.step())));
    nest.vectorLoop(
        scope,
        lane,
        vectors,
        from.times(schedule.step()),
        full,
        Optional.empty(),
        b -> nest.stores(b, schedule));
    nest.vectorLoop(scope, lane, 1, full, last, Optional.of(last), b -> nest.stores(b, schedule));
  }
}
