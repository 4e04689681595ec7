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

/// Writes the loops of a kernel: each value in the outermost body in which all its axes are bound,
/// once for each copy of the axes it varies along.
///
/// A reduction becomes accumulators, loops over its axes, and what it needs inside; reductions over
/// the same axes that do not need one another share their loops.
final class NestBuilder {
  private final FlatKernel kernel;
  private final LocalNames names;
  private final int[] uses;

  NestBuilder(FlatKernel kernel, LocalNames names) {
    this.kernel = kernel;
    this.names = names;
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
      } else if (!isInline(v, here, wanted)) {
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
  private boolean isInline(int v, Set<Integer> here, Collection<Integer> wanted) {
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
      return true;
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
    if (!strideAlong(value.place(), axis.get()).is(1)) {
      throw new CompilerBug("schedule", value.place() + " is not contiguous along " + axis.get());
    }
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
    return binding.end().map(end -> end.minus(binding.at().get(copy.getOrDefault(axis, 0))));
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
    Map<Instance, String> accumulators = new LinkedHashMap<>();
    for (int v : group) {
      Value value = kernel.values().get(v);
      Definition.Reduce r = (Definition.Reduce) value.definition();
      LoopKernel.Type type = new LoopKernel.Type(r.accumulator(), isVector(scope, value.axes()));
      for (Map<String, Integer> copy : scope.copies(value.axes())) {
        String name = names.fresh(r.reducer().toString() + suffix(copy));
        accumulators.put(new Instance("v" + v, copy), name);
        Expr start = new Expr.Constant(r.reducer().identity(r.accumulator()));
        scope.out.add(new Statement.Let(name, type, splat(start, type)));
      }
    }
    List<Integer> args = group.stream().map(v -> kernel.values().get(v).parts().get(0)).toList();
    loops(
        scope,
        axes,
        args,
        body -> {
          define(body, factors(group), Set.of());
          for (int v : group) {
            Value value = kernel.values().get(v);
            for (Map<String, Integer> copy : scope.copies(value.axes())) {
              String name = Objects.requireNonNull(accumulators.get(new Instance("v" + v, copy)));
              body.out.add(new Statement.Assign(name, joined(body, value, name, copy)));
            }
          }
        });
    for (int v : group) {
      Value value = kernel.values().get(v);
      Definition.Reduce r = (Definition.Reduce) value.definition();
      for (Map<String, Integer> copy : scope.copies(value.axes())) {
        Expr result =
            new Expr.Local(Objects.requireNonNull(accumulators.get(new Instance("v" + v, copy))));
        if (r.accumulator() != value.dtype()) {
          LoopKernel.Type type = new LoopKernel.Type(value.dtype(), isVector(scope, value.axes()));
          String name = names.fresh(nameOf(v) + suffix(copy));
          scope.out.add(new Statement.Let(name, type, new Expr.Cast(value.dtype(), result)));
          result = new Expr.Local(name);
        }
        scope.put(new Instance("v" + v, copy), result);
      }
    }
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

  private Expr joined(Scope body, Value reduction, String name, Map<String, Integer> copy) {
    Definition.Reduce r = (Definition.Reduce) reduction.definition();
    Expr sum = new Expr.Local(name);
    Optional<Definition.Apply> product = product(reduction);
    if (product.isPresent()) {
      List<Expr> args = new ArrayList<>();
      for (int arg : product.get().args()) {
        args.add(term(body, arg, copy, reduction, r.accumulator()));
      }
      args.add(sum);
      return new Expr.Apply(ScalarFn.FMA, args);
    }
    Expr term = term(body, r.arg(), copy, reduction, r.accumulator());
    return new Expr.Apply(r.reducer().join(), List.of(sum, term));
  }

  private Expr term(
      Scope body, int v, Map<String, Integer> copy, Value reduction, DType accumulator) {
    Value value = kernel.values().get(v);
    Set<String> axes = new TreeSet<>(reduction.axes());
    axes.addAll(kernel.values().get(((Definition.Reduce) reduction.definition()).arg()).axes());
    Expr expr = operand(body, v, copy, axes);
    return value.dtype() == accumulator ? expr : new Expr.Cast(accumulator, expr);
  }

  /// Loops over `axes`, outermost first; before each, what does not vary along it is computed.
  void loops(Scope scope, List<String> axes, Collection<Integer> wanted, Consumer<Scope> body) {
    if (axes.isEmpty()) {
      body.accept(scope);
      return;
    }
    String axis = axes.getFirst();
    define(scope, wanted, new TreeSet<>(axes));
    String index = names.fresh(indexName(axis));
    Scope inner = scope.with(axis, Binding.one(Dim.symbol(index)));
    loops(inner, axes.subList(1, axes.size()), wanted, body);
    Dim extent = kernel.axis(axis).extent();
    scope.out.add(new Statement.For(index, Dim.ZERO, extent, Dim.ONE, inner.out));
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

  private String indexName(String axis) {
    return "i" + axis.substring(1);
  }
}
