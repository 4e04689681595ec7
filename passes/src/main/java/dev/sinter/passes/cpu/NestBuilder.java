package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
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
import java.util.HashMap;
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
/// A reduction becomes accumulators, loops over its axes, and what it needs inside; reductions over
/// the same axes that do not need one another share their loops.
final class NestBuilder {
  /// Accumulators of a reduction along the lanes: enough to keep two FMA units busy for the four
  /// cycles that each takes, with half of the registers of the smaller tier.
  private static final int ACCUMULATORS = 4;

  /// What a size or a number of lanes is taken for that is only known when the model runs.
  private static final long TYPICAL = 16;

  private final FlatKernel kernel;
  private final LocalNames names;
  private final @Nullable Vectors vectors;
  private final int[] uses;

  /// @param vectors which axes may lie along lanes, or null for a scalar kernel
  NestBuilder(FlatKernel kernel, LocalNames names, @Nullable Vectors vectors) {
    this.kernel = kernel;
    this.names = names;
    this.vectors = vectors;
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
    List<Integer> reductions = new ArrayList<>();
    for (int v : here) {
      if (definition(v) instanceof Definition.Reduce) {
        reductions.add(v);
      }
    }
    for (int v : here) {
      if (definition(v) instanceof Definition.Reduce reduce) {
        if (reductions.contains(v)) {
          List<Integer> group = group(reduce, v, reductions);
          reductions.removeAll(group);
          reduce(scope, group, reduce.axes());
        }
      } else if (!isInline(scope, v, here, wanted)) {
        materialize(scope, v);
      }
    }
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

  /// The reductions over the same axes as `first` that need no other pending one.
  private List<Integer> group(Definition.Reduce first, int number, List<Integer> pending) {
    List<Integer> group = new ArrayList<>();
    for (int other : pending) {
      boolean ready = pending.stream().noneMatch(p -> p != other && kernel.uses(other, p));
      if (other == number
          || (ready
              && definition(other) instanceof Definition.Reduce r
              && r.axes().equals(first.axes()))) {
        group.add(other);
      }
    }
    return group;
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
    if (uses[v] != 1) {
      return false;
    }
    if (wanted.contains(v)) {
      return scope.copies(value.axes()).size() == scope.copies().size();
    }
    for (int user : here) {
      Value u = kernel.values().get(user);
      if (u.parts().contains(v)) {
        return !(u.definition() instanceof Definition.Reduce) && u.axes().equals(value.axes());
      }
    }
    return false;
  }

  private void materialize(Scope scope, int v) {
    Value value = kernel.values().get(v);
    for (Map<String, Integer> copy : scope.copies(value.axes())) {
      String name = names.fresh(nameOf(v) + suffix(copy));
      LoopKernel.Type type = new LoopKernel.Type(value.dtype(), isVector(scope, value.axes()));
      if (value.definition() instanceof Definition.Load load && load.guard().isPresent()) {
        Scope inside = scope.inner();
        Expr guard = expr(scope, load.guard().get(), copy);
        inside.out.add(new Statement.Assign(name, load(inside, value, load, copy)));
        scope.out.add(new Statement.Let(name, type, splat(zero(value.dtype()), type)));
        scope.out.add(new Statement.If(guard, inside.out, List.of()));
      } else {
        scope.out.add(new Statement.Let(name, type, splat(scope, build(scope, v, copy), v, type)));
      }
      scope.put(new Instance("v" + v, copy), new Expr.Local(name));
    }
  }

  /// The value at a copy: the local that holds it, or its expression.
  Expr expr(Scope scope, int v, Map<String, Integer> copy) {
    Set<String> axes = kernel.values().get(v).axes();
    Map<String, Integer> part = scope.project(copy, axes);
    Expr known = scope.value(new Instance("v" + v, part), axes);
    return known != null ? known : build(scope, v, part);
  }

  private Expr build(Scope scope, int v, Map<String, Integer> copy) {
    Value value = kernel.values().get(v);
    return switch (value.definition()) {
      case Definition.Load load -> load(scope, value, load, copy);
      case Definition.Constant(var literal) -> new Expr.Constant(literal);
      case Definition.IndexValue(DType dtype, Dim at) -> {
        Optional<Dim> stride = scope.vectorAxis(value.axes()).map(axis -> strideAlong(at, axis));
        yield new Expr.IndexValue(dtype, at.substitute(scope.indices(copy)), stride);
      }
      case Definition.Apply(ScalarFn fn, List<Integer> args) -> {
        List<Expr> built = new ArrayList<>();
        for (int arg : args) {
          built.add(operand(scope, arg, copy, value.axes()));
        }
        yield new Expr.Apply(fn, built);
      }
      case Definition.Cast(DType dtype, int arg) ->
          new Expr.Cast(dtype, operand(scope, arg, copy, value.axes()));
      case Definition.Reduce reduce ->
          throw new CompilerBug("schedule", "a reduction of " + name() + " is not available");
    };
  }

  /// An operand of something that varies along `axes`: a vector if that is one.
  private Expr operand(Scope scope, int v, Map<String, Integer> copy, Set<String> axes) {
    Expr expr = expr(scope, v, copy);
    boolean widen = isVector(scope, axes) && !isVector(scope, kernel.values().get(v).axes());
    return widen ? new Expr.Splat(expr) : expr;
  }

  private Expr load(Scope scope, Value value, Definition.Load load, Map<String, Integer> copy) {
    Dim at = place(scope, value.place(), copy);
    Optional<String> axis = scope.vectorAxis(value.axes());
    if (axis.isEmpty()) {
      return new Expr.Load(load.buffer(), at);
    }
    Optional<Dim> below = lanesBelow(scope, axis.get(), copy);
    return new Expr.LoadVector(load.buffer(), at, below);
  }

  private static Dim strideAlong(Dim place, String axis) {
    Dim stride = place.coefficient(axis);
    if (stride == null) {
      throw new CompilerBug("schedule", place + " is not linear in the vector axis " + axis);
    }
    return stride;
  }

  private static Optional<Dim> lanesBelow(Scope scope, String axis, Map<String, Integer> copy) {
    Binding binding = scope.binding(axis);
    int number = copy.getOrDefault(axis, 0);
    return binding
        .end()
        .filter(end -> number == binding.at().size() - 1)
        .map(end -> end.minus(binding.at().get(number)));
  }

  /// A place with the axes at their indices, computed indices in locals.
  private Dim place(Scope scope, Dim place, Map<String, Integer> copy) {
    Map<String, Dim> known = new HashMap<>(scope.indices(copy));
    for (String symbol : place.symbols()) {
      if (symbol.startsWith("#")) {
        known.put(symbol, computedIndex(scope, symbol, copy));
      }
    }
    return place.substitute(known);
  }

  private Dim computedIndex(Scope scope, String symbol, Map<String, Integer> copy) {
    FlatKernel.Computed computed = kernel.computed(symbol);
    Set<String> axes = kernel.values().get(computed.value()).axes();
    Instance key = new Instance(symbol, scope.project(copy, axes));
    Dim known = scope.index(key, axes);
    if (known != null) {
      return known;
    }
    String name = names.fresh(nameOf(computed.value()) + "At" + suffix(key.copy()));
    Expr value = expr(scope, computed.value(), copy);
    scope.out.add(new Statement.IntOf(name, value, computed.limit()));
    scope.put(key, Dim.symbol(name));
    return Dim.symbol(name);
  }

  /// Accumulators, loops, and the results of reductions over the same axes.
  private void reduce(Scope scope, List<Integer> group, List<String> axes) {
    Optional<String> lane = laneAxis(scope, group, axes);
    List<String> order = new ArrayList<>(axes);
    lane.ifPresent(order::remove);
    order.sort(Comparator.comparingLong((String axis) -> stepAlong(axis, group)).reversed());
    int copies = 0;
    for (int v : group) {
      copies += scope.copies(kernel.values().get(v).axes()).size();
    }
    int chains = lane.isPresent() ? Math.max(1, ACCUMULATORS / copies) : 1;
    Map<Instance, List<String>> accumulators = new LinkedHashMap<>();
    for (int v : group) {
      Value value = kernel.values().get(v);
      Definition.Reduce r = (Definition.Reduce) value.definition();
      boolean vector = lane.isPresent() || isVector(scope, value.axes());
      LoopKernel.Type type = new LoopKernel.Type(r.accumulator(), vector);
      for (Map<String, Integer> copy : scope.copies(value.axes())) {
        List<String> chain = new ArrayList<>();
        for (int i = 0; i < chains; i++) {
          String more = chains > 1 ? (copy.isEmpty() ? "" : "_") + i : "";
          chain.add(names.fresh(r.reducer().toString() + suffix(copy) + more));
          Expr start = new Expr.Constant(r.reducer().identity(r.accumulator()));
          scope.out.add(new Statement.Let(chain.getLast(), type, splat(start, type)));
        }
        accumulators.put(new Instance("v" + v, copy), chain);
      }
    }
    List<Integer> args = factors(group);
    Set<String> all = new TreeSet<>(axes);
    define(scope, args, all);
    loops(
        scope,
        order,
        args,
        body -> {
          if (lane.isEmpty()) {
            accumulate(scope, body, group, accumulators, lane);
          } else {
            vectorLoops(
                body,
                lane.get(),
                chains,
                args,
                inner -> accumulate(scope, inner, group, accumulators, lane));
          }
        });
    for (int v : group) {
      Value value = kernel.values().get(v);
      for (Map<String, Integer> copy : scope.copies(value.axes())) {
        List<String> chain = Objects.requireNonNull(accumulators.get(new Instance("v" + v, copy)));
        scope.put(new Instance("v" + v, copy), result(scope, value, copy, chain, lane.isPresent()));
      }
    }
  }

  /// How far apart in memory neighbours along an axis are where the values in `group` are read,
  /// about: the loop over the nearest is to be the innermost.
  private long stepAlong(String axis, List<Integer> group) {
    long step = 0;
    for (Value value : kernel.values()) {
      if (value.definition() instanceof Definition.Load
          && value.axes().contains(axis)
          && group.stream().anyMatch(v -> kernel.uses(v, value.number()))) {
        Dim one = value.place().coefficient(axis);
        step = Math.max(step, one == null ? Long.MAX_VALUE : one.evaluate(symbol -> TYPICAL));
      }
    }
    return step;
  }

  /// The reduced axis along the lanes: one that fits where no axis outside lies along them yet.
  private Optional<String> laneAxis(Scope scope, List<Integer> group, List<String> axes) {
    if (vectors == null || scope.hasVector()) {
      return Optional.empty();
    }
    return axes.reversed().stream()
        .filter(a -> vectors.fit(a))
        .filter(a ->
            group.stream()
                .allMatch(v -> {
                  Value value = kernel.values().get(v);
                  Value arg = kernel.values().get(value.parts().getFirst());
                  return arg.axes().contains(a)
                      && ((Definition.Reduce) value.definition()).accumulator() == arg.dtype();
                }))
        .findFirst();
  }

  /// One step of every accumulator.
  private void accumulate(
      Scope outside,
      Scope body,
      List<Integer> group,
      Map<Instance, List<String>> accumulators,
      Optional<String> lane) {
    // Vectors first: a scalar is broadcast from memory by one instruction if no check of bounds
    // comes between its load and its use.
    List<Integer> factors = factors(group);
    define(body, factors.stream().filter(f -> isVector(body, axesOf(f))).toList(), Set.of());
    define(body, factors, Set.of());
    for (int v : group) {
      Value value = kernel.values().get(v);
      for (int factor : factors(List.of(v))) {
        spread(body, factor, value, lane);
      }
    }
    for (int v : group) {
      Value value = kernel.values().get(v);
      for (Map<String, Integer> copy : outside.copies(value.axes())) {
        List<String> chain = Objects.requireNonNull(accumulators.get(new Instance("v" + v, copy)));
        int steps = lane.isPresent() ? body.binding(lane.get()).at().size() : 1;
        for (int i = 0; i < steps; i++) {
          Map<String, Integer> step = new LinkedHashMap<>(copy);
          if (steps > 1) {
            step.put(lane.get(), i);
          }
          body.out.add(
              new Statement.Assign(chain.get(i), joined(body, value, chain.get(i), step, lane)));
        }
      }
    }
  }

  /// Holds a scalar factor of several vector products in a vector.
  private void spread(Scope body, int factor, Value reduction, Optional<String> lane) {
    Value value = kernel.values().get(factor);
    boolean vector = lane.isPresent() || isVector(body, reduction.axes());
    boolean reused = body.copies(value.axes()).size() < body.copies().size();
    if (!vector || !reused || isVector(body, value.axes()) || isConstant(factor)) {
      return;
    }
    for (Map<String, Integer> copy : body.copies(value.axes())) {
      Expr scalar = expr(body, factor, copy);
      if (scalar instanceof Expr.Local(String local)) {
        String name = names.fresh(local + "s");
        LoopKernel.Type type = new LoopKernel.Type(value.dtype(), true);
        body.out.add(new Statement.Let(name, type, new Expr.Splat(scalar)));
        body.put(new Instance("s" + factor, copy), new Expr.Local(name));
      }
    }
  }

  /// What the accumulators of one result come to.
  private Expr result(
      Scope scope, Value value, Map<String, Integer> copy, List<String> chain, boolean lanes) {
    Definition.Reduce r = (Definition.Reduce) value.definition();
    List<Expr> parts = new ArrayList<>(chain.stream().<Expr>map(Expr.Local::new).toList());
    while (parts.size() > 1) {
      List<Expr> pairs = new ArrayList<>();
      for (int i = 0; i < parts.size(); i += 2) {
        pairs.add(new Expr.Apply(r.reducer().join(), List.of(parts.get(i), parts.get(i + 1))));
      }
      parts = pairs;
    }
    Expr sum = parts.getFirst();
    Expr result = lanes ? new Expr.JoinLanes(r.reducer(), sum) : sum;
    if (r.accumulator() != value.dtype()) {
      result = new Expr.Cast(value.dtype(), result);
    }
    if (result instanceof Expr.Local) {
      return result;
    }
    boolean vector = isVector(scope, value.axes());
    String name = names.fresh(nameOf(value.number()) + suffix(copy));
    scope.out.add(new Statement.Let(name, new LoopKernel.Type(value.dtype(), vector), result));
    return new Expr.Local(name);
  }

  /// Loops over an axis along the lanes: `vectors` of them at a time as far as they are full, then
  /// one at a time, the last perhaps in part.
  void vectorLoops(
      Scope scope, String axis, int vectors, Collection<Integer> wanted, Consumer<Scope> body) {
    define(scope, wanted, Set.of(axis));
    Dim extent = kernel.axis(axis).extent();
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    String full = names.fresh(axisName(axis) + "Full");
    Dim step = lanes.times(vectors);
    scope.out.add(new Statement.Int(full, extent.floorDiv(step).times(step)));
    vectorLoop(scope, axis, vectors, Dim.ZERO, Dim.symbol(full), Optional.empty(), body);
    vectorLoop(scope, axis, 1, Dim.symbol(full), extent, Optional.of(extent), body);
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
    String index = names.fresh(axisName(axis));
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < vectors; i++) {
      at.add(Dim.symbol(index).plus(lanes.times(i)));
    }
    Scope inner = scope.with(axis, new Binding(at, true, end));
    body.accept(inner);
    scope.out.add(new Statement.For(index, from, to, lanes.times(vectors), inner.out));
    names.leave();
  }

  /// What the loops of `group` add up: the arguments, or the factors of those that are products.
  private List<Integer> factors(List<Integer> group) {
    List<Integer> out = new ArrayList<>();
    for (int v : group) {
      int arg = kernel.values().get(v).parts().getFirst();
      Optional<Definition.Apply> product = product(kernel.values().get(v));
      if (product.isPresent()) {
        out.addAll(product.get().args());
      } else {
        out.add(arg);
      }
    }
    return out;
  }

  /// The product that a sum of floats sums and nothing else uses: those two become one operation.
  private Optional<Definition.Apply> product(Value reduction) {
    Definition.Reduce r = (Definition.Reduce) reduction.definition();
    return r.reducer() == Reducer.SUM
            && r.accumulator().isFloat()
            && uses[r.arg()] == 1
            && definition(r.arg()) instanceof Definition.Apply apply
            && apply.fn() == ScalarFn.MUL
        ? Optional.of(apply)
        : Optional.empty();
  }

  private Expr joined(
      Scope body, Value reduction, String name, Map<String, Integer> copy, Optional<String> lane) {
    Definition.Reduce r = (Definition.Reduce) reduction.definition();
    Expr sum = new Expr.Local(name);
    Optional<Dim> below = lane.flatMap(axis -> lanesBelow(body, axis, copy));
    Optional<Definition.Apply> product = product(reduction);
    List<Expr> terms = new ArrayList<>();
    for (int arg : product.isPresent() ? product.get().args() : List.of(r.arg())) {
      terms.add(term(body, arg, copy, reduction, lane));
    }
    if (product.isPresent() && below.isEmpty()) {
      return new Expr.Apply(ScalarFn.FMA, List.of(terms.get(0), terms.get(1), sum));
    }
    Expr term = product.isPresent() ? new Expr.Apply(ScalarFn.MUL, terms) : terms.getFirst();
    // What lies in lanes past the end is made of zeros, which need not be nothing to the reducer.
    Expr whole = below.isPresent() ? new Expr.Head(r.reducer(), term, below.get()) : term;
    return new Expr.Apply(r.reducer().join(), List.of(sum, whole));
  }

  private Expr term(
      Scope body, int v, Map<String, Integer> copy, Value reduction, Optional<String> lane) {
    Definition.Reduce r = (Definition.Reduce) reduction.definition();
    Value value = kernel.values().get(v);
    Set<String> axes = new TreeSet<>(reduction.axes());
    axes.addAll(kernel.values().get(r.arg()).axes());
    lane.ifPresent(axes::add);
    Expr spread = body.value(new Instance("s" + v, body.project(copy, value.axes())), value.axes());
    Expr expr = spread != null ? spread : operand(body, v, copy, axes);
    return value.dtype() == r.accumulator() ? expr : new Expr.Cast(r.accumulator(), expr);
  }

  /// Loops over `axes`, outermost first; before each, what does not vary along it is computed.
  void loops(Scope scope, List<String> axes, Collection<Integer> wanted, Consumer<Scope> body) {
    if (axes.isEmpty()) {
      body.accept(scope);
      return;
    }
    String axis = axes.getFirst();
    define(scope, wanted, new TreeSet<>(axes));
    names.enter();
    String index = names.fresh(axisName(axis));
    Scope inner = scope.with(axis, Binding.one(Dim.symbol(index)));
    loops(inner, axes.subList(1, axes.size()), wanted, body);
    Dim extent = kernel.axis(axis).extent();
    scope.out.add(new Statement.For(index, Dim.ZERO, extent, Dim.ONE, inner.out));
    names.leave();
  }

  /// Writes at every copy of the axes bound here.
  void store(Scope scope, List<Write> writes) {
    List<Integer> parts = new ArrayList<>();
    writes.forEach(w -> parts.addAll(w.parts()));
    define(scope, parts, Set.of());
    // Two stores at one point may go to memory that the other's value is still read from.
    if (writes.size() > 1) {
      for (Write write : writes) {
        if (!has(scope, write.store().value()) && !isConstant(write.store().value())) {
          materialize(scope, write.store().value());
        }
      }
    }
    for (Write write : writes) {
      for (Map<String, Integer> copy : scope.copies(write.axes())) {
        scope.out.add(store(scope, write, copy));
      }
    }
  }

  private boolean isConstant(int v) {
    return definition(v) instanceof Definition.Constant;
  }

  private Statement store(Scope scope, Write write, Map<String, Integer> copy) {
    Dim at = place(scope, write.place(), copy);
    Expr value = operand(scope, write.store().value(), copy, write.axes());
    Optional<String> axis = scope.vectorAxis(write.axes());
    Optional<Dim> below = axis.flatMap(a -> lanesBelow(scope, a, copy));
    int buffer = write.store().buffer();
    if (write.store().accumulate().isPresent()) {
      Expr before =
          axis.isPresent() ? new Expr.LoadVector(buffer, at, below) : new Expr.Load(buffer, at);
      value = new Expr.Apply(write.store().accumulate().get().join(), List.of(before, value));
    }
    return new Statement.Store(buffer, at, value, below);
  }

  private boolean isVector(Scope scope, Set<String> axes) {
    return scope.vectorAxis(axes).isPresent();
  }

  private Expr splat(Scope scope, Expr value, int v, LoopKernel.Type type) {
    boolean vector = isVector(scope, kernel.values().get(v).axes());
    return type.vector() && !vector ? new Expr.Splat(value) : value;
  }

  private static Expr splat(Expr scalar, LoopKernel.Type type) {
    return type.vector() ? new Expr.Splat(scalar) : scalar;
  }

  private static Expr zero(DType dtype) {
    return new Expr.Constant((Elem.Literal) Elem.literal(dtype, 0L));
  }

  private Set<String> axesOf(int v) {
    return kernel.values().get(v).axes();
  }

  private Definition definition(int v) {
    return kernel.values().get(v).definition();
  }

  private String name() {
    return kernel.source().name();
  }

  private String nameOf(int v) {
    return switch (definition(v)) {
      case Definition.Load load ->
          LocalNames.identifier(kernel.source().buffers().get(load.buffer()).name());
      case Definition.Constant constant -> "constant";
      case Definition.IndexValue index -> "index";
      case Definition.Apply apply -> apply.fn().toString();
      case Definition.Cast cast -> "as" + cast.dtype().text().toUpperCase(java.util.Locale.ROOT);
      case Definition.Reduce reduce -> reduce.reducer().toString();
    };
  }

  private static String suffix(Map<String, Integer> copy) {
    StringBuilder text = new StringBuilder();
    copy.values().forEach(i -> text.append(text.isEmpty() ? "" : "_").append(i));
    return text.toString();
  }

  /// What an axis is called: the last parallel ones are rows and columns, reduced ones count `k`.
  String axisName(String axis) {
    List<String> parallel = new ArrayList<>(Schedule.order(kernel, kernel.writes().getFirst()));
    int back = parallel.size() - parallel.indexOf(axis);
    if (!parallel.contains(axis)) {
      return "k";
    }
    return parallel.size() == 1 ? "i" : back == 1 ? "col" : back == 2 ? "row" : "outer";
  }
}
