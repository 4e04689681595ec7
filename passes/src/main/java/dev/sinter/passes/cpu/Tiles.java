package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.passes.cpu.Scope.Binding;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// A kernel of register tiles, as a matrix product: each is a call of a function.
///
/// There is one for whole tiles, for each smaller number of vectors one that does the end of a row,
/// the last of its vectors masked, and one for the rows that are left over where no tile may be
/// done twice. A dear function of a tile's sums is in a function behind it ([Unfinished]).
final class Tiles {
  private final FlatKernel kernel;
  private final Schedule schedule;
  private final LocalNames names;
  private final ValueNames called;
  private final Optional<Unfinished> unfinished;
  private final Map<String, Function> functions = new LinkedHashMap<>();

  Tiles(FlatKernel kernel, Schedule schedule) {
    this.kernel = kernel;
    this.schedule = schedule;
    this.names = LocalNames.beside(kernel.source().sizes());
    this.called = new ValueNames(kernel);
    this.unfinished = schedule.lane().flatMap(l -> Unfinished.of(kernel));
  }

  /// The loops over the tiles.
  List<Statement> driver() {
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
      return tiled;
    }
    Map<String, Integer> ones = new LinkedHashMap<>(schedule.rows());
    ones.replaceAll((axis, count) -> 1);
    Expr all = fit.stream().reduce((a, b) -> new Expr.Apply(ScalarFn.AND, List.of(a, b))).get();
    return List.of(new Statement.If(all, tiled, tiles(ones)));
  }

  /// The functions of the tiles that it calls.
  Collection<Function> functions() {
    return functions.values();
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
        ? extent.ceilDiv(schedule.step())
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
        boolean shifted = !even && !schedule.readsItsResult() && unfinished.isEmpty();
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
    Dim first = panel.times(schedule.step());
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    for (int count = 1; count < vectors; count++) {
      // Built inside out, so that the whole panel is asked for first.
      Statement few = new Statement.Call(tile(rows, vectors - count, true), args);
      Expr reached = atMost(extent, first.plus(lanes.times(vectors - count)));
      chosen = List.of(new Statement.If(reached, List.of(few), chosen));
    }
    return List.of(
        new Statement.If(atMost(first.plus(schedule.step()), extent), List.of(full), chosen));
  }

  /// The function that does a tile of `vectors` vectors; `edge` for one that the axis along the
  /// lanes ends in.
  private String tile(Map<String, Integer> rows, int vectors, boolean edge) {
    StringBuilder name = new StringBuilder(edge ? "edge" : "tile");
    rows.values().forEach(count -> name.append(count).append('x'));
    name.append(vectors);
    if (!functions.containsKey(name.toString())) {
      functions.put(name.toString(), function(name.toString(), rows, vectors, edge));
    }
    return name.toString();
  }

  private Function function(String name, Map<String, Integer> rows, int vectors, boolean edge) {
    LocalNames locals = LocalNames.beside(kernel.source().sizes());
    NestBuilder nest = schedule.nest(kernel, locals);
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
        at.add(lane ? param.times(schedule.step()).plus(lanes.times(i)) : param.plus(i));
      }
      Optional<Dim> end = lane && edge ? Optional.of(kernel.axis(axis).extent()) : Optional.empty();
      scope = scope.with(axis, new Binding(at, lane, end));
    }
    if (unfinished.isEmpty()) {
      nest.stores(scope, schedule);
    } else {
      nest.storeSums(scope, unfinished.get());
      String finish = name.replaceFirst("^(tile|edge)", "$1Finish");
      functions.put(finish, finish(finish, rows, vectors, edge, unfinished.get()));
      scope.out.add(new Statement.Call(finish, params.stream().map(Dim::symbol).toList()));
    }
    return new Function(name, params, scope.out);
  }

  /// The function that makes the result of a tile's sums, vector by vector.
  private Function finish(
      String name, Map<String, Integer> rows, int vectors, boolean edge, Unfinished sums) {
    LocalNames locals = LocalNames.beside(kernel.source().sizes());
    NestBuilder nest = schedule.nest(kernel, locals);
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
        panel = param.times(schedule.step());
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
    String index = locals.fresh("row");
    if (row.isPresent()) {
      inner = scope.with(row.get(), Binding.one(Dim.symbol(index)));
    }
    nest.vectorLoop(inner, lane, 1, from, to, end, body -> nest.finish(body, sums));
    if (row.isPresent()) {
      Dim last = first.plus(Objects.requireNonNull(rows.get(row.get())));
      scope.out.add(new Statement.For(index, first, last, Dim.ONE, inner.out));
    }
    return new Function(name, params, scope.out);
  }

  private static String symbol(Dim dim) {
    return Objects.requireNonNull(dim.symbolName());
  }
}
