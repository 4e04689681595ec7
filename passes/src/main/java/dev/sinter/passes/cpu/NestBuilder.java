package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import dev.sinter.passes.cpu.Scope.Binding;
import dev.sinter.passes.cpu.Scope.Instance;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes the loops of a kernel: each value in the outermost body in which all its axes are bound,
/// once for each copy of the axes it varies along.
///
/// A reduction becomes loops in which this is done again, see [Reductions]; what stands in a
/// statement is written by [Expressions].
final class NestBuilder {
  private final FlatKernel kernel;
  private final LocalNames names;
  private final ValueNames called;
  private final Expressions expressions;
  private final Reductions reductions;
  private final int[] uses;
  private final Optional<Spill> spill;

  /// @param vectors which axes may lie along lanes, or null for a scalar kernel
  NestBuilder(FlatKernel kernel, LocalNames names, @Nullable Vectors vectors) {
    this.kernel = kernel;
    this.names = names;
    this.called = new ValueNames(kernel);
    this.expressions = new Expressions(kernel, names);
    this.reductions = new Reductions(kernel, names, vectors, this, expressions);
    this.spill = Spill.of(kernel);
    this.uses = new int[kernel.values().size()];
    kernel.values().forEach(v -> v.parts().forEach(p -> uses[p]++));
    kernel.writes().forEach(w -> w.parts().forEach(p -> uses[p]++));
  }

  /// Makes all that `wanted` needs available as far as the axes bound here allow; `shadow` are axes
  /// that will be bound anew before it is used.
  void define(Scope scope, Collection<Integer> wanted, Set<String> shadow) {
    Set<Integer> here = new TreeSet<>();
    Set<Instance> seen = new HashSet<>();
    wanted.forEach(w -> collect(scope, w, shadow, here, seen));
    List<Integer> pending = new ArrayList<>();
    for (int v : here) {
      if (kernel.definition(v) instanceof Definition.Reduce) {
        pending.add(v);
      }
    }
    for (int v : inOrder(here, pending)) {
      if (kernel.definition(v) instanceof Definition.Reduce reduce) {
        if (pending.contains(v)) {
          List<Integer> group = reductions.group(reduce, v, pending);
          pending.removeAll(group);
          reductions.reduce(scope, group, reduce.axes());
        }
      } else if (!isInline(scope, v, here, wanted)) {
        materialize(scope, v);
      }
    }
  }

  /// Values in the order in which they are computed: what no reduction is made of comes after all
  /// of them, so that it takes no register while they run.
  private List<Integer> inOrder(Set<Integer> values, List<Integer> reduced) {
    List<Integer> order = new ArrayList<>(values);
    order.sort(
        Comparator.comparing(
            v -> !reduced.contains(v) && reduced.stream().noneMatch(r -> kernel.uses(r, v))));
    return order;
  }

  /// Finds what is needed, not there yet, and does not vary along an axis to be bound.
  private void collect(
      Scope scope, int v, Set<String> shadow, Set<Integer> here, Set<Instance> seen) {
    Value value = kernel.values().get(v);
    if (!seen.add(new Instance(v + " " + new TreeSet<>(shadow), Map.of()))) {
      return;
    }
    boolean fits = scope.binds(value.axes()) && value.axes().stream().noneMatch(shadow::contains);
    if (fits) {
      if (has(scope, v)) {
        return;
      }
      here.add(v);
      if (isSpilled(scope, v)) {
        return;
      }
    }
    Set<String> inner = shadow;
    if (value.definition() instanceof Definition.Reduce reduce) {
      inner = new TreeSet<>(shadow);
      inner.addAll(reduce.axes());
    }
    for (int part : value.parts()) {
      collect(scope, part, inner, here, seen);
    }
  }

  private boolean has(Scope scope, int v) {
    Set<String> axes = kernel.values().get(v).axes();
    return scope.value(new Instance("v" + v, scope.copies(axes).getFirst()), axes) != null;
  }

  /// Whether a value is written into the one expression that uses it: it has one user, of as many
  /// copies, that is computed here too.
  private boolean isInline(Scope scope, int v, Set<Integer> here, Collection<Integer> wanted) {
    Value value = kernel.values().get(v);
    switch (value.definition()) {
      case Definition.Constant constant -> {
        return true;
      }
      case Definition.Load load -> {
        if (load.guard().isPresent()) {
          return false;
        }
      }
      default -> {}
    }
    if (!isUsedOnce(v)) {
      return false;
    }
    if (wanted.contains(v)) {
      return scope.copies(value.axes()).size() == scope.copies().size();
    }
    for (int user : here) {
      Value u = kernel.values().get(user);
      if (u.parts().contains(v)) {
        return !(u.definition() instanceof Definition.Reduce)
            && !isBounded(u)
            && u.axes().equals(value.axes());
      }
    }
    return false;
  }

  /// Whether a value is another one held above or below a number: code has a short form of that for
  /// a local.
  private boolean isBounded(Value value) {
    return value.definition() instanceof Definition.Apply(ScalarFn fn, List<Integer> args)
        && (fn == ScalarFn.MAX || fn == ScalarFn.MIN)
        && kernel.isConstant(args.get(1));
  }

  /// Whether one value or store is made of `v`, and no other.
  boolean isUsedOnce(int v) {
    return uses[v] == 1;
  }

  private void materialize(Scope scope, int v) {
    Value value = kernel.values().get(v);
    for (Map<String, Integer> copy : scope.copies(value.axes())) {
      String name = names.fresh(called.value(v) + ValueNames.suffix(copy));
      LoopKernel.Type type = new LoopKernel.Type(value.dtype(), scope.isVector(value.axes()));
      if (isSpilled(scope, v)) {
        scope.out.add(
            new Statement.Let(name, type, written(scope, spill.orElseThrow().write(), copy)));
      } else if (value.definition() instanceof Definition.Load load && load.guard().isPresent()) {
        Scope inside = scope.inner();
        Expr guard = expressions.expr(scope, load.guard().get(), copy);
        inside.out.add(new Statement.Assign(name, expressions.load(inside, value, load, copy)));
        scope.out.add(new Statement.Let(name, type, Expressions.splat(zero(value.dtype()), type)));
        scope.out.add(new Statement.If(guard, inside.out, List.of()));
      } else {
        scope.out.add(new Statement.Let(name, type, expressions.expr(scope, v, copy)));
      }
      scope.put(new Instance("v" + v, copy), new Expr.Local(name));
    }
  }

  /// Whether the value lies where the result will.
  private boolean isSpilled(Scope scope, int v) {
    return scope.isSpilled() && spill.filter(s -> s.value() == v).isPresent();
  }

  private Expr written(Scope scope, Write write, Map<String, Integer> copy) {
    Dim at = expressions.place(scope, write.place(), copy);
    Optional<String> axis = scope.vectorAxis(write.axes());
    return axis.isPresent()
        ? new Expr.LoadVector(
            write.store().buffer(), at, lanesBelow(scope, write, axis.get(), copy))
        : new Expr.Load(write.store().buffer(), at);
  }

  private Optional<Dim> lanesBelow(
      Scope scope, Write write, String axis, Map<String, Integer> copy) {
    return kernel.isPadded(write, axis)
        ? Optional.empty()
        : Expressions.lanesBelow(scope, axis, copy);
  }

  /// Writes the value that is to be spilled where it was just computed.
  void spill(Scope scope) {
    if (scope.isSpilled() || spill.isEmpty() || !scope.binds(spill.get().write().axes())) {
      return;
    }
    int value = spill.get().value();
    if (has(scope, value)) {
      for (Map<String, Integer> copy : scope.copies(spill.get().write().axes())) {
        scope.out.add(store(scope, spill.get().write(), value, copy));
      }
    }
  }

  /// From now on what was written is read, in this scope: beside it, as where a loop over whole
  /// vectors is followed by their rest, nothing is written yet.
  void endSpill(Scope scope, List<Integer> group) {
    if (spill.filter(s -> group.stream().anyMatch(v -> kernel.uses(v, s.value()))).isPresent()) {
      scope.spilled();
    }
  }

  private static Expr zero(DType dtype) {
    return new Expr.Constant((Elem.Literal) Elem.literal(dtype, 0L));
  }

  /// Loops over `axes`, outermost first; before each, what does not vary along it is computed.
  void loops(Scope scope, List<String> axes, Collection<Integer> wanted, Consumer<Scope> body) {
    loops(scope, axes, 0, wanted, body);
  }

  /// Likewise, the turns of the `unrolled` innermost axes one after the other without a loop.
  void loops(
      Scope scope,
      List<String> axes,
      int unrolled,
      Collection<Integer> wanted,
      Consumer<Scope> body) {
    if (axes.isEmpty()) {
      body.accept(scope);
      return;
    }
    String axis = axes.getFirst();
    define(scope, wanted, new TreeSet<>(axes));
    if (axes.size() <= unrolled) {
      List<Statement> turns = new ArrayList<>();
      for (long turn = 0; turn < kernel.axis(axis).extent().constant(); turn++) {
        Scope inner = scope.with(axis, Binding.one(Dim.of(turn)));
        loops(inner, axes.subList(1, axes.size()), unrolled, wanted, body);
        turns.addAll(inner.out);
      }
      scope.out.addAll(new SharedScalars(names).ordered(turns));
      return;
    }
    names.enter();
    String index = names.fresh(called.axis(axis));
    Scope inner = scope.with(axis, Binding.one(Dim.symbol(index)));
    loops(inner, axes.subList(1, axes.size()), unrolled, wanted, body);
    Dim extent = kernel.axis(axis).extent();
    scope.out.add(new Statement.For(index, Dim.ZERO, extent, Dim.ONE, inner.out));
    names.leave();
  }

  /// One loop that counts through all of `axes`, the last of them fastest.
  void counted(Scope scope, List<String> axes, Collection<Integer> wanted, Consumer<Scope> body) {
    define(scope, wanted, new TreeSet<>(axes));
    names.enter();
    Dim turn = Dim.symbol(names.fresh("turn"));
    Scope turnScope = scope.inner();
    Scope inner = bind(turnScope, axes, turn);
    body.accept(inner);
    turnScope.out.addAll(inner.out);
    Dim turns = Dim.product(axes.stream().map(a -> kernel.axis(a).extent()).toList());
    scope.out.add(
        new Statement.For(
            Objects.requireNonNull(turn.symbolName()), Dim.ZERO, turns, Dim.ONE, turnScope.out));
    names.leave();
  }

  /// A scope with the axes bound that one number counts through, the last of them fastest; the
  /// divisions of that number are in `scope`.
  Scope bind(Scope scope, List<String> axes, Dim turn) {
    Scope bound = scope;
    Dim rest = turn;
    List<Statement> divisions = new ArrayList<>();
    for (int i = axes.size() - 1; i >= 0; i--) {
      Dim at = rest;
      if (i > 0) {
        Dim extent = kernel.axis(axes.get(i)).extent();
        String quotient = names.fresh("turns");
        divisions.add(new Statement.Int(quotient, rest.floorDiv(extent)));
        // Not a local of its own: what lies in one run of memory is again found by the number.
        at = rest.minus(Dim.symbol(quotient).times(extent));
        rest = Dim.symbol(quotient);
      }
      bound = bound.with(axes.get(i), Binding.one(at));
    }
    scope.out.addAll(divisions);
    return bound;
  }

  /// Loops over an axis along the lanes: `vectors` of them at a time as far as they are full, then
  /// one at a time, the last perhaps in part.
  void vectorLoops(
      Scope scope, String axis, int vectors, Collection<Integer> wanted, Consumer<Scope> body) {
    define(scope, wanted, Set.of(axis));
    Dim extent = kernel.axis(axis).extent();
    if (Schedule.isWhole(extent, vectors)) {
      vectorLoop(scope, axis, vectors, Dim.ZERO, extent, Optional.empty(), body);
      return;
    }
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    String full = names.fresh(called.axis(axis) + "Full");
    Dim step = lanes.times(vectors);
    scope.out.add(new Statement.Int(full, extent.floorDiv(step).times(step)));
    vectorLoop(scope, axis, vectors, Dim.ZERO, Dim.symbol(full), Optional.empty(), body);
    Optional<Dim> end = Schedule.isWhole(extent, 1) ? Optional.empty() : Optional.of(extent);
    vectorLoop(scope, axis, 1, Dim.symbol(full), extent, end, body);
  }

  /// A loop over an axis along the lanes, `vectors` of them at a time.
  void vectorLoop(
      Scope scope,
      String axis,
      int vectors,
      Dim from,
      Dim to,
      Optional<Dim> end,
      Consumer<Scope> body) {
    names.enter();
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    Dim step = lanes.times(vectors);
    // Counted in steps, an index tells which part of an integer it is in.
    boolean parts = kernel.vectorsAlong(axis) > 1;
    String index = names.fresh(parts ? "panel" : called.axis(axis));
    Dim first = parts ? Dim.symbol(index).times(step) : Dim.symbol(index);
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < vectors; i++) {
      at.add(first.plus(lanes.times(i)));
    }
    Scope inner = scope.with(axis, new Binding(at, true, end));
    body.accept(inner);
    scope.out.add(
        parts
            ? new Statement.For(index, from.ceilDiv(step), to.ceilDiv(step), Dim.ONE, inner.out)
            : new Statement.For(index, from, to, step, inner.out));
    names.leave();
  }

  /// The stores inside the common loops, those over the same axes together.
  void stores(Scope scope, Schedule schedule) {
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
        loops(
            scope,
            around,
            parts,
            b -> vectorLoops(b, rest.getLast(), 1, parts, c -> store(c, writes)));
      } else {
        loops(scope, rest, parts, body -> store(body, writes));
      }
    });
  }

  /// Writes what a reduction comes to where the result will lie, at every copy of the axes bound
  /// here.
  void storeSums(Scope scope, Unfinished sums) {
    define(scope, List.of(sums.reduction()), Set.of());
    for (Map<String, Integer> copy : scope.copies(sums.write().axes())) {
      scope.out.add(store(scope, sums.write(), sums.reduction(), copy));
    }
  }

  /// Reads that, and writes the result.
  void finish(Scope scope, Unfinished sums) {
    for (Map<String, Integer> copy : scope.copies(sums.write().axes())) {
      scope.put(new Instance("v" + sums.reduction(), copy), written(scope, sums.write(), copy));
    }
    store(scope, List.of(sums.write()));
  }

  /// Writes at every copy of the axes bound here.
  void store(Scope scope, List<Write> writes) {
    List<Integer> parts = new ArrayList<>();
    writes.forEach(w -> parts.addAll(w.parts()));
    define(scope, parts, Set.of());
    // Two stores at one point may go to memory that the other's value is still read from.
    if (writes.size() > 1) {
      for (Write write : writes) {
        if (!has(scope, write.store().value()) && !kernel.isConstant(write.store().value())) {
          materialize(scope, write.store().value());
        }
      }
    }
    for (Write write : writes) {
      for (Map<String, Integer> copy : scope.copies(write.axes())) {
        scope.out.add(store(scope, write, write.store().value(), copy));
      }
    }
  }

  private Statement store(Scope scope, Write write, int stored, Map<String, Integer> copy) {
    Dim at = expressions.place(scope, write.place(), copy);
    Expr value = expressions.operand(scope, stored, copy, write.axes());
    Optional<String> axis = scope.vectorAxis(write.axes());
    Optional<Dim> below = axis.flatMap(a -> lanesBelow(scope, write, a, copy));
    int buffer = write.store().buffer();
    if (write.store().accumulate().isPresent()) {
      Expr before =
          axis.isPresent() ? new Expr.LoadVector(buffer, at, below) : new Expr.Load(buffer, at);
      value = new Expr.Apply(write.store().accumulate().get().join(), List.of(before, value));
    }
    return new Statement.Store(buffer, at, value, below);
  }
}
