package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.Scope.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Writes reductions: accumulators, loops over the reduced axes, one step of each accumulator
/// inside them, and what the accumulators come to.
///
/// Where no axis outside lies along the lanes, a reduced one may: then a reduction has several
/// accumulators, which are joined in pairs and then across their lanes.
final class Reductions {
  /// Accumulators of a reduction along the lanes: enough to keep two FMA units busy for the four
  /// cycles that each takes, with half of the registers of the smaller tier.
  private static final int ACCUMULATORS = 4;

  /// The steps of accumulators in a body without a loop, at most: C1 gives up on larger methods,
  /// and they stay in the interpreter for long.
  private static final long UNROLLED = 20;

  /// The registers that a turn of a tile leaves for what it does not hold all the time.
  private static final int FREE = 2;

  private final FlatKernel kernel;
  private final LocalNames names;
  private final @Nullable Vectors vectors;
  private final NestBuilder nest;
  private final Expressions expressions;
  private final ValueNames called;

  /// @param vectors which axes may lie along lanes, or null for a scalar kernel
  /// @param nest which writes the loops and what is needed inside them
  Reductions(
      FlatKernel kernel,
      LocalNames names,
      @Nullable Vectors vectors,
      NestBuilder nest,
      Expressions expressions) {
    this.kernel = kernel;
    this.names = names;
    this.vectors = vectors;
    this.nest = nest;
    this.expressions = expressions;
    this.called = new ValueNames(kernel);
  }

  /// The reductions over the same axes as `first` that need no other pending one.
  List<Integer> group(Definition.Reduce first, int number, List<Integer> pending) {
    List<Integer> group = new ArrayList<>();
    for (int other : pending) {
      boolean ready = pending.stream().noneMatch(p -> p != other && kernel.uses(other, p));
      if (other == number
          || (ready
              && kernel.definition(other) instanceof Definition.Reduce r
              && r.axes().equals(first.axes()))) {
        group.add(other);
      }
    }
    return group;
  }

  /// Accumulators, loops, and the results of reductions over the same axes.
  void reduce(Scope scope, List<Integer> group, List<String> axes) {
    Optional<String> lane = laneAxis(scope, group, axes);
    List<String> order = new ArrayList<>(axes);
    lane.ifPresent(order::remove);
    int copies = 0;
    for (int v : group) {
      copies += scope.copies(kernel.values().get(v).axes()).size();
    }
    int chains = lane.isPresent() && !isDear(group) ? Math.max(1, ACCUMULATORS / copies) : 1;
    Map<Instance, List<String>> accumulators = accumulators(scope, group, chains, lane);
    List<Integer> args = factors(group);
    Set<String> all = new TreeSet<>(axes);
    nest.define(scope, args, all);
    ReducedLoops loops = loops(scope, group, order, copies, lane);
    int around = loops.axes().size() - loops.together();
    Consumer<Scope> step = body -> accumulate(scope, body, group, accumulators, lane);
    if (lane.isPresent()) {
      nest.loops(
          scope, loops.axes(), 0, args, b -> nest.vectorLoops(b, lane.get(), chains, args, step));
    } else if (loops.together() > 1) {
      List<String> inner = loops.axes().subList(around, loops.axes().size());
      nest.loops(
          scope, loops.axes().subList(0, around), 0, args, b -> nest.counted(b, inner, args, step));
    } else {
      int unrolled = scope.hasVector() ? unrolled(scope, loops.axes(), copies) : 0;
      nest.loops(scope, loops.axes(), unrolled, args, step);
    }
    nest.endSpill(scope, group);
    for (int v : group) {
      Value value = kernel.values().get(v);
      for (Map<String, Integer> copy : scope.copies(value.axes())) {
        List<String> chain = Objects.requireNonNull(accumulators.get(new Instance("v" + v, copy)));
        scope.put(new Instance("v" + v, copy), result(scope, value, copy, chain, lane.isPresent()));
      }
    }
  }

  /// The loops over `axes`; in a tile, those that are too short to be entered again and again are
  /// one.
  private ReducedLoops loops(
      Scope scope,
      List<Integer> group,
      List<String> axes,
      int accumulators,
      Optional<String> lane) {
    ReducedLoops loops = ReducedLoops.of(kernel, group, axes);
    boolean tile = accumulators > ACCUMULATORS && lane.isEmpty() && scope.hasVector();
    return tile && unrolled(scope, loops.axes(), accumulators) == 0
        ? loops.inTiles(kernel, group, scope.vectorAxis().orElseThrow())
        : loops;
  }

  /// How many of the innermost of `axes` are so short that their turns need no loop, as those of
  /// the window of a pool: C2 would spend more on the checks before it than on the loop. A tile of
  /// a product keeps a loop, but not one within it over a window's columns, if there are registers
  /// for the weights of all.
  private int unrolled(Scope scope, List<String> axes, int accumulators) {
    if (accumulators > ACCUMULATORS) {
      return axes.size() > 1 && isNarrowWindow(scope, axes.getLast(), accumulators) ? 1 : 0;
    }
    long steps = accumulators;
    int unrolled = 0;
    for (String axis : axes.reversed()) {
      Dim extent = kernel.axis(axis).extent();
      if (!extent.isConstant() || steps * extent.constant() > UNROLLED) {
        break;
      }
      steps *= extent.constant();
      unrolled++;
    }
    return unrolled;
  }

  /// Whether all reductions of a kernel are over so few elements that one vector of results needs
  /// no loop, as in a pool: then there is enough to do at a time without more of them.
  static boolean areWrittenOut(FlatKernel kernel) {
    for (Value value : kernel.values()) {
      if (value.definition() instanceof Definition.Reduce reduce) {
        Dim steps = Dim.product(reduce.axes().stream().map(a -> kernel.axis(a).extent()).toList());
        if (!steps.isConstant() || steps.constant() > UNROLLED) {
          return false;
        }
      }
    }
    return true;
  }

  /// Whether the registers hold a vector for each turn of `columns` beside the accumulators, and
  /// these read the same elements in different turns.
  private boolean isNarrowWindow(Scope scope, String columns, int accumulators) {
    Dim extent = kernel.axis(columns).extent();
    boolean single = scope.copies(Set.of(scope.vectorAxis().orElseThrow())).size() == 1;
    return single
        && extent.isConstant()
        && accumulators + extent.constant() + FREE <= registers()
        && kernel.values().stream()
            .anyMatch(v ->
                v.definition() instanceof Definition.Load
                    && scope.copied().stream()
                        .anyMatch(row -> overlaps(v, row, columns, extent.constant())));
  }

  private int registers() {
    return vectors == null ? 1 : vectors.registers();
  }

  /// Whether a step along `row` is a few steps along `columns`, in what a value reads.
  private static boolean overlaps(Value value, String row, String columns, long extent) {
    Dim down = value.place().coefficient(row);
    Dim across = value.place().coefficient(columns);
    return down != null
        && across != null
        && down.isConstant()
        && across.isConstant()
        && across.constant() > 0
        && down.constant() > 0
        && down.constant() % across.constant() == 0
        && down.constant() / across.constant() < extent;
  }

  /// Whether what is added up takes a function that is many operations: those of one accumulator
  /// keep the units busy, and C2 inlines only so many of them in one method.
  private boolean isDear(List<Integer> group) {
    return kernel.values().stream()
        .filter(value -> group.stream().anyMatch(v -> kernel.uses(v, value.number())))
        .anyMatch(FlatKernel::isDear);
  }

  /// Locals for what is added up, `chains` for each copy of a result, at their first values.
  private Map<Instance, List<String>> accumulators(
      Scope scope, List<Integer> group, int chains, Optional<String> lane) {
    Map<Instance, List<String>> accumulators = new LinkedHashMap<>();
    for (int v : group) {
      Value value = kernel.values().get(v);
      Definition.Reduce r = (Definition.Reduce) value.definition();
      boolean vector = lane.isPresent() || scope.isVector(value.axes());
      LoopKernel.Type type = new LoopKernel.Type(r.accumulator(), vector);
      for (Map<String, Integer> copy : scope.copies(value.axes())) {
        List<String> chain = new ArrayList<>();
        for (int i = 0; i < chains; i++) {
          String more = chains > 1 ? (copy.isEmpty() ? "" : "_") + i : "";
          chain.add(names.fresh(r.reducer().toString() + ValueNames.suffix(copy) + more));
          Expr start = new Expr.Constant(r.reducer().identity(r.accumulator()));
          scope.out.add(new Statement.Let(chain.getLast(), type, Expressions.splat(start, type)));
        }
        accumulators.put(new Instance("v" + v, copy), chain);
      }
    }
    return accumulators;
  }

  /// The reduced axis along the lanes: one that fits where no axis outside lies along them yet.
  private Optional<String> laneAxis(Scope scope, List<Integer> group, List<String> axes) {
    if (vectors == null || scope.hasVector()) {
      return Optional.empty();
    }
    return axes.reversed().stream()
        .filter(a -> vectors.fitReduced(a))
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
    List<Integer> factors = factors(group);
    nest.define(body, factors, Set.of());
    nest.spill(body);
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
    Sink.locals(body.out);
  }

  /// Holds a scalar factor of several vector products in a vector.
  private void spread(Scope body, int factor, Value reduction, Optional<String> lane) {
    Value value = kernel.values().get(factor);
    boolean vector = lane.isPresent() || body.isVector(reduction.axes());
    boolean reused = body.copies(value.axes()).size() < body.copies().size();
    if (!vector || !reused || body.isVector(value.axes()) || kernel.isConstant(factor)) {
      return;
    }
    for (Map<String, Integer> copy : body.copies(value.axes())) {
      Expr scalar = expressions.expr(body, factor, copy);
      if (scalar instanceof Expr.Local(String local)) {
        String name = names.fresh(local + "s");
        LoopKernel.Type type = new LoopKernel.Type(value.dtype(), true);
        body.out.add(new Statement.Let(name, type, new Expr.Splat(scalar)));
        body.put(new Instance("s" + factor, copy), new Expr.Local(name));
      }
    }
  }

  private Expr joined(
      Scope body, Value reduction, String name, Map<String, Integer> copy, Optional<String> lane) {
    Definition.Reduce r = (Definition.Reduce) reduction.definition();
    Expr sum = new Expr.Local(name);
    Optional<Dim> below = lane.flatMap(axis -> Expressions.lanesBelow(body, axis, copy));
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
    Expr expr = spread != null ? spread : expressions.operand(body, v, copy, axes);
    return value.dtype() == r.accumulator() ? expr : new Expr.Cast(r.accumulator(), expr);
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
    boolean vector = scope.isVector(value.axes());
    String name = names.fresh(called.value(value.number()) + ValueNames.suffix(copy));
    scope.out.add(new Statement.Let(name, new LoopKernel.Type(value.dtype(), vector), result));
    return new Expr.Local(name);
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
            && nest.isUsedOnce(r.arg())
            && kernel.definition(r.arg()) instanceof Definition.Apply apply
            && apply.fn() == ScalarFn.MUL
        ? Optional.of(apply)
        : Optional.empty();
  }
}
