package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.cpu.FlatKernel.Write;
import dev.sinter.passes.cpu.Scope.Binding;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// From what a kernel computes to how a tier of CPUs does it.
///
/// The driver divides the work among threads and walks over it in plain integer loops. Where a
/// register tile is a work of its own, as in a matrix product, it is a function that the driver
/// calls: one for whole tiles, for each smaller number of vectors one that does the end of a row,
/// the last of its vectors masked, and one for the rows that are left over where no tile may be
/// done twice. A dear function of a tile's sums is in a function behind it ([Unfinished]).
public final class Schedules {
  /// Fewer turns than this of an outer loop are not worth being divided among threads.
  private static final long FEW = 16;

  private final FlatKernel kernel;
  private final Schedule schedule;
  private final LocalNames names;
  private final ValueNames called;
  private final Optional<Unfinished> unfinished;
  private final boolean readsItsResult;
  private final Map<String, Function> tiles = new LinkedHashMap<>();
  private final Set<Integer> wanted = new TreeSet<>();

  private Schedules(FlatKernel kernel, CpuTier tier) {
    this.kernel = kernel;
    this.schedule = Schedule.of(kernel, tier);
    this.names = names();
    this.called = new ValueNames(kernel);
    this.unfinished = schedule.lane().flatMap(l -> Unfinished.of(kernel));
    this.readsItsResult =
        kernel.isInPlace() || unfinished.isPresent() || Spill.of(kernel).isPresent();
    kernel.writes().forEach(w -> wanted.addAll(w.parts()));
  }

  /// The loops of `kernel` on `tier`; its sizes are those of the kernel, on every tier.
  public static LoopKernel lower(TileKernel kernel, CpuTier tier) {
    Schedules lowering = new Schedules(FlatKernel.of(kernel), tier);
    List<LoopKernel.Buffer> buffers =
        kernel.buffers().stream()
            .map(b -> new LoopKernel.Buffer(b.name(), b.type().dtype()))
            .toList();
    List<Function> functions = new ArrayList<>();
    functions.add(new Function(kernel.name(), List.of(), lowering.driver()));
    functions.addAll(lowering.tiles.values());
    return new LoopKernel(kernel.name(), buffers, kernel.sizes(), functions);
  }

  /// Names of a function's own, which are none of the sizes that it sees.
  private LocalNames names() {
    LocalNames out = new LocalNames();
    kernel.source().sizes().forEach(out::fresh);
    return out;
  }

  private NestBuilder nest(LocalNames locals) {
    return new NestBuilder(kernel, locals, schedule.fits().orElse(null));
  }

  private List<Statement> driver() {
    Scope root = Scope.root();
    if (schedule.isHeavy()) {
      heavy(root);
    } else {
      light(root);
    }
    return root.out;
  }

  private void light(Scope root) {
    NestBuilder nest = nest(names);
    List<String> shared = new ArrayList<>();
    for (String axis : schedule.outer()) {
      if (Schedule.isDisjoint(kernel, axis) && !schedule.lane().equals(Optional.of(axis))) {
        shared.add(axis);
      }
    }
    Dim turns = Dim.product(shared.stream().map(a -> kernel.axis(a).extent()).toList());
    boolean few = turns.isConstant() && turns.constant() < FEW;
    List<String> inner = new ArrayList<>(schedule.outer());
    boolean divided =
        schedule.lane().filter(l -> few && Schedule.isDisjoint(kernel, l)).isPresent();
    if (divided) {
      shared.clear();
    } else if (schedule.lane().isEmpty() && shared.size() > 1 && !few) {
      // The innermost loop stays one, so that no index is divided in it.
      shared.remove(inner.getLast());
    }
    inner.removeAll(shared);
    schedule.lane().ifPresent(inner::remove);
    boolean alone = shared.isEmpty() && !divided;
    if (!alone) {
      nest.define(root, wanted, kernel.axesOfKernel());
    }
    String from = names.fresh("from");
    String to = names.fresh("to");
    Scope body = root.inner();
    Dim count;
    if (divided) {
      count = kernel.axis(schedule.lane().get()).extent().ceilDiv(step());
      nest.loops(body, inner, wanted, b -> run(nest, b, Dim.symbol(from), Dim.symbol(to)));
    } else {
      count = alone ? Dim.ONE : turnsOf(shared);
      String turn = names.fresh(shared.size() == 1 ? called.axis(shared.getFirst()) : "turn");
      Scope turnBody = body.inner();
      names.enter();
      if (alone) {
        // One part does all: the others must not even read what it may write over.
        nest.define(turnBody, wanted, kernel.axesOfKernel());
      }
      Scope bound = bind(turnBody, shared, Dim.symbol(turn));
      nest.loops(bound, inner, wanted, b -> columns(nest, b));
      if (bound != turnBody) {
        turnBody.out.addAll(bound.out);
      }
      names.leave();
      body.out.add(
          new Statement.For(turn, Dim.symbol(from), Dim.symbol(to), Dim.ONE, turnBody.out));
    }
    root.out.add(new Statement.Share(from, to, count, body.out));
  }

  private Dim turnsOf(List<String> shared) {
    return Dim.product(shared.stream().map(a -> kernel.axis(a).extent()).toList());
  }

  private Dim step() {
    return Dim.symbol(LoopKernel.LANES).times(schedule.vectors());
  }

  /// Binds the axes that one number counts through, the last of them fastest.
  private Scope bind(Scope scope, List<String> axes, Dim turn) {
    Scope bound = scope;
    Dim rest = turn;
    List<Statement> divisions = new ArrayList<>();
    for (int i = axes.size() - 1; i >= 0; i--) {
      Dim at = rest;
      if (i > 0) {
        Dim extent = kernel.axis(axes.get(i)).extent();
        Dim quotient = Dim.symbol(names.fresh("turns"));
        divisions.add(new Statement.Int(symbol(quotient), rest.floorDiv(extent)));
        at = Dim.symbol(names.fresh(called.axis(axes.get(i))));
        divisions.add(new Statement.Int(symbol(at), rest.minus(quotient.times(extent))));
        rest = quotient;
      }
      bound = bound.with(axes.get(i), Binding.one(at));
    }
    scope.out.addAll(divisions);
    return bound;
  }

  private static String symbol(Dim dim) {
    return Objects.requireNonNull(dim.symbolName());
  }

  /// All of the axis along the lanes, then what is inside it.
  private void columns(NestBuilder nest, Scope scope) {
    if (schedule.lane().isEmpty()) {
      stores(nest, scope);
    } else {
      nest.vectorLoops(
          scope, schedule.lane().get(), schedule.vectors(), wanted, b -> stores(nest, b));
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
          from.times(step()),
          to.times(step()),
          Optional.empty(),
          b -> stores(nest, b));
      return;
    }
    Dim last = Dim.symbol(names.fresh("last"));
    Dim full = Dim.symbol(names.fresh("full"));
    scope.out.add(new Statement.Int(symbol(last), to.times(step()).min(extent)));
    scope.out.add(new Statement.Int(symbol(full), last.floorDiv(step()).times(step())));
    nest.vectorLoop(
        scope, lane, vectors, from.times(step()), full, Optional.empty(), b -> stores(nest, b));
    nest.vectorLoop(scope, lane, 1, full, last, Optional.of(last), b -> stores(nest, b));
  }

  /// The stores inside the common loops, those over the same axes together.
  private void stores(NestBuilder nest, Scope scope) {
    Map<List<String>, List<Write>> groups = new LinkedHashMap<>();
    for (Write write : kernel.writes()) {
      List<String> rest = new ArrayList<>(Schedule.order(kernel, write));
      rest.removeAll(schedule.outer());
      groups.computeIfAbsent(rest, r -> new ArrayList<>()).add(write);
    }
    groups.forEach((rest, writes) -> {
      List<Integer> parts = new ArrayList<>();
      writes.forEach(w -> parts.addAll(w.parts()));
      boolean vector =
          !rest.isEmpty()
              && !scope.hasVector()
              && schedule.fits().filter(f -> f.fit(rest.getLast())).isPresent();
      if (vector) {
        List<String> around = rest.subList(0, rest.size() - 1);
        nest.loops(
            scope,
            around,
            parts,
            b -> nest.vectorLoops(b, rest.getLast(), 1, parts, c -> nest.store(c, writes)));
      } else {
        nest.loops(scope, rest, parts, body -> nest.store(body, writes));
      }
    });
  }

  /// Tiles, each a call.
  private void heavy(Scope root) {
    List<Expr> fit = new ArrayList<>();
    schedule
        .rows()
        .forEach((axis, count) -> {
          Dim extent = kernel.axis(axis).extent();
          if (!extent.isConstant()) {
            fit.add(atMost(Dim.of(count), extent));
          }
        });
    List<Statement> tiled = tiles(schedule.rows());
    if (fit.isEmpty()) {
      root.out.addAll(tiled);
    } else {
      Map<String, Integer> ones = new LinkedHashMap<>(schedule.rows());
      ones.replaceAll((axis, count) -> 1);
      Expr all = fit.stream().reduce((a, b) -> new Expr.Apply(ScalarFn.AND, List.of(a, b))).get();
      root.out.add(new Statement.If(all, tiled, tiles(ones)));
    }
  }

  private static Expr atMost(Dim a, Dim b) {
    return new Expr.Apply(
        ScalarFn.LE,
        List.of(
            new Expr.IndexValue(DType.I32, a, Optional.empty()),
            new Expr.IndexValue(DType.I32, b, Optional.empty())));
  }

  /// The loop over all tiles of this part.
  private List<Statement> tiles(Map<String, Integer> rows) {
    names.enter();
    List<String> shared = new ArrayList<>();
    List<String> alone = new ArrayList<>();
    for (String axis : schedule.outer()) {
      (Schedule.isDisjoint(kernel, axis) ? shared : alone).add(axis);
    }
    Map<String, Dim> index = new LinkedHashMap<>();
    List<Statement> body = new ArrayList<>();
    String from = names.fresh("from");
    String to = names.fresh("to");
    Dim rest = Dim.symbol(names.fresh("tile"));
    String turn = symbol(rest);
    Dim count = Dim.ONE;
    for (int i = shared.size() - 1; i >= 0; i--) {
      String axis = shared.get(i);
      Dim tilesAlong = count(axis, rows);
      count = count.times(tilesAlong);
      Dim at = rest;
      if (i > 0) {
        Dim quotient = Dim.symbol(names.fresh("rest"));
        body.add(new Statement.Int(symbol(quotient), rest.floorDiv(tilesAlong)));
        at = rest.minus(quotient.times(tilesAlong));
        rest = quotient;
      }
      index.put(axis, at);
    }
    List<Statement> innermost = new ArrayList<>();
    List<String> loops = new ArrayList<>();
    for (String axis : alone) {
      loops.add(names.fresh("tile"));
      index.put(axis, Dim.symbol(loops.getLast()));
    }
    call(rows, index, innermost);
    for (int i = alone.size() - 1; i >= 0; i--) {
      Dim along = count(alone.get(i), rows);
      innermost = List.of(new Statement.For(loops.get(i), Dim.ZERO, along, Dim.ONE, innermost));
    }
    body.addAll(innermost);
    names.leave();
    Statement loop = new Statement.For(turn, Dim.symbol(from), Dim.symbol(to), Dim.ONE, body);
    return List.of(new Statement.Share(from, to, count, List.of(loop)));
  }

  /// How many tiles there are along an axis.
  private Dim count(String axis, Map<String, Integer> rows) {
    Dim extent = kernel.axis(axis).extent();
    return schedule.lane().equals(Optional.of(axis))
        ? extent.ceilDiv(step())
        : extent.ceilDiv(Dim.of(rows.getOrDefault(axis, 1)));
  }

  /// The call of the function for a tile, given the number of the tile along each axis.
  private void call(Map<String, Integer> rows, Map<String, Dim> tile, List<Statement> out) {
    List<Dim> args = new ArrayList<>();
    Optional<Dim> lanePanel = Optional.empty();
    Optional<String> cut = Optional.empty();
    for (String axis : schedule.outer()) {
      Dim at = Objects.requireNonNull(tile.get(axis));
      Dim extent = kernel.axis(axis).extent();
      boolean lane = schedule.lane().equals(Optional.of(axis));
      int count = rows.getOrDefault(axis, 1);
      String name = names.fresh(lane ? "panel" : called.axis(axis));
      if (lane) {
        out.add(new Statement.Int(name, at));
        lanePanel = Optional.of(Dim.symbol(name));
      } else {
        // The last tile is shifted back over the one before it rather than cut, if it may do again
        // what that did: not if it reads what another thread may have written there.
        Dim first = at.times(count);
        boolean even = count == 1 || extent.mod(count).is(0);
        boolean shifted = !even && !readsItsResult;
        cut = even || shifted ? cut : Optional.of(axis);
        out.add(new Statement.Int(name, shifted ? first.min(extent.minus(Dim.of(count))) : first));
      }
      args.add(Dim.symbol(name));
    }
    List<Statement> whole = call(rows, lanePanel, args);
    if (cut.isEmpty()) {
      out.addAll(whole);
    } else {
      int place = schedule.outer().indexOf(cut.get());
      Dim extent = kernel.axis(cut.get()).extent();
      int count = Objects.requireNonNull(rows.get(cut.get()));
      out.add(
          new Statement.If(
              atMost(args.get(place).plus(count), extent),
              whole,
              rest(cut.get(), extent.mod(count), lanePanel, args)));
    }
  }

  /// Calls for fewer rows than a tile has: one if their number is known, else by twos and ones.
  private List<Statement> rest(String axis, Dim rest, Optional<Dim> panel, List<Dim> args) {
    if (rest.isConstant()) {
      return call(Map.of(axis, Math.toIntExact(rest.constant())), panel, args);
    }
    Dim first = args.get(schedule.outer().indexOf(axis));
    Dim extent = kernel.axis(axis).extent();
    Dim twos = Dim.symbol(names.fresh("twos"));
    return List.of(
        new Statement.Int(symbol(twos), first.plus(extent.minus(first).floorDiv(2).times(2))),
        each(axis, 2, first, twos, panel, args),
        each(axis, 1, twos, extent, panel, args));
  }

  /// Calls for `count` rows each, from `from` to `to`.
  private Statement each(
      String axis, int count, Dim from, Dim to, Optional<Dim> panel, List<Dim> args) {
    names.enter();
    String row = names.fresh(called.axis(axis));
    List<Dim> own = new ArrayList<>(args);
    own.set(schedule.outer().indexOf(axis), Dim.symbol(row));
    List<Statement> body = call(Map.of(axis, count), panel, own);
    names.leave();
    return new Statement.For(row, from, to, Dim.of(count), body);
  }

  private List<Statement> call(Map<String, Integer> rows, Optional<Dim> panel, List<Dim> args) {
    return panel.isPresent()
        ? panel(rows, panel.get(), args)
        : List.of(new Statement.Call(tile(rows, schedule.vectors(), false), args));
  }

  /// The call for a whole panel, or for as many vectors as the last one has.
  private List<Statement> panel(Map<String, Integer> rows, Dim panel, List<Dim> args) {
    Dim extent = kernel.axis(schedule.lane().orElseThrow()).extent();
    int vectors = schedule.vectors();
    Statement full = new Statement.Call(tile(rows, vectors, false), args);
    if (Schedule.isWhole(extent, vectors)) {
      return List.of(full);
    }
    List<Statement> chosen = List.of(new Statement.Call(tile(rows, vectors, true), args));
    Dim first = panel.times(step());
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    for (int count = 1; count < vectors; count++) {
      // Built inside out, so that the whole panel is asked for first.
      Statement few = new Statement.Call(tile(rows, vectors - count, true), args);
      Expr reached = atMost(extent, first.plus(lanes.times(vectors - count)));
      chosen = List.of(new Statement.If(reached, List.of(few), chosen));
    }
    return List.of(new Statement.If(atMost(first.plus(step()), extent), List.of(full), chosen));
  }

  /// The function that does a tile of `vectors` vectors; `edge` for one that the axis along the
  /// lanes ends in.
  private String tile(Map<String, Integer> rows, int vectors, boolean edge) {
    StringBuilder name = new StringBuilder(edge ? "edge" : "tile");
    rows.values().forEach(count -> name.append(count).append('x'));
    name.append(vectors);
    if (!tiles.containsKey(name.toString())) {
      tiles.put(name.toString(), function(name.toString(), rows, vectors, edge));
    }
    return name.toString();
  }

  private Function function(String name, Map<String, Integer> rows, int vectors, boolean edge) {
    LocalNames locals = names();
    NestBuilder nest = nest(locals);
    Scope scope = Scope.root();
    List<String> params = new ArrayList<>();
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    for (String axis : schedule.outer()) {
      boolean lane = schedule.lane().equals(Optional.of(axis));
      params.add(locals.fresh(lane ? "panel" : called.axis(axis)));
      Dim param = Dim.symbol(params.getLast());
      List<Dim> at = new ArrayList<>();
      int copies = lane ? vectors : rows.getOrDefault(axis, 1);
      for (int i = 0; i < copies; i++) {
        at.add(lane ? param.times(step()).plus(lanes.times(i)) : param.plus(i));
      }
      Optional<Dim> end = lane && edge ? Optional.of(kernel.axis(axis).extent()) : Optional.empty();
      scope = scope.with(axis, new Binding(at, lane, end));
    }
    if (unfinished.isEmpty()) {
      stores(nest, scope);
    } else {
      nest.storeSums(scope, unfinished.get());
      String finish = name.replaceFirst("^(tile|edge)", "$1Finish");
      tiles.put(finish, finish(finish, rows, vectors, edge, unfinished.get()));
      scope.out.add(new Statement.Call(finish, params.stream().map(Dim::symbol).toList()));
    }
    return new Function(name, params, scope.out);
  }

  /// The function that makes the result of a tile's sums, vector by vector.
  private Function finish(
      String name, Map<String, Integer> rows, int vectors, boolean edge, Unfinished sums) {
    LocalNames locals = names();
    NestBuilder nest = nest(locals);
    Scope scope = Scope.root();
    List<String> params = new ArrayList<>();
    Optional<String> row = Optional.empty();
    Dim first = Dim.ZERO;
    Dim panel = Dim.ZERO;
    String lane = schedule.lane().orElseThrow();
    for (String axis : schedule.outer()) {
      params.add(locals.fresh(lane.equals(axis) ? "panel" : called.axis(axis)));
      Dim param = Dim.symbol(params.getLast());
      if (lane.equals(axis)) {
        panel = param.times(step());
      } else if (rows.getOrDefault(axis, 1) > 1) {
        row = Optional.of(axis);
        first = param;
      } else {
        scope = scope.with(axis, Binding.one(param));
      }
    }
    Dim from = panel;
    Dim to = panel.plus(Dim.symbol(LoopKernel.LANES).times(vectors));
    Optional<Dim> end = edge ? Optional.of(kernel.axis(lane).extent()) : Optional.empty();
    Scope inner = scope;
    if (row.isPresent()) {
      String index = locals.fresh(called.axis(row.get()));
      inner = scope.with(row.get(), Binding.one(Dim.symbol(index)));
      nest.vectorLoop(inner, lane, 1, from, to, end, body -> nest.finish(body, sums));
      Dim last = first.plus(Objects.requireNonNull(rows.get(row.get())));
      scope.out.add(new Statement.For(index, first, last, Dim.ONE, inner.out));
    } else {
      nest.vectorLoop(inner, lane, 1, from, to, end, body -> nest.finish(body, sums));
    }
    return new Function(name, params, scope.out);
  }
}
