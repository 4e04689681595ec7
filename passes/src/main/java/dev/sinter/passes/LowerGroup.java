package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Prover;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.program.Program;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Turns a group of nodes into a kernel, on demand: from the elements that are stored back through
/// the definitions of the ops to the elements that are loaded.
///
/// Each value is asked for at an index; where it is made inside the group, the definition of its op
/// is put in place, else it is a load. What is asked for twice at the same index is computed once.
/// A reduction takes an axis that the kernel has already where one of the same extent is free, so
/// that a softmax over rows has two axes and its exponentials are shared between the sum and the
/// result. A read in an arm of a select is guarded by the condition unless it is surely in range.
final class LowerGroup {
  private final Set<Value> inside = new HashSet<>();
  private final Function<Value, Source> sources;
  private final IntFunction<Program.Buffer> program;

  private final AxisNames fresh = new AxisNames();
  private final Map<String, Dim> axes = new LinkedHashMap<>();
  private final Map<List<Axis>, Prover> provers = new HashMap<>();
  private final Map<Integer, Integer> slots = new LinkedHashMap<>();
  private final Map<Definition, Integer> body = new LinkedHashMap<>();
  private final List<Set<String>> dependences = new ArrayList<>();
  private final List<TileKernel.Store> stores = new ArrayList<>();
  private final Map<Demand, Integer> known = new HashMap<>();
  private final Map<Value, List<List<Dim>>> asked = new HashMap<>();

  /// What a read is protected by: it happens only where `condition` is `holds`, and `outer` too.
  private record Guard(int condition, boolean holds, @Nullable Guard outer) {}

  private record Demand(Value value, List<Dim> at, @Nullable Guard guard) {}

  /// A kernel and the program's buffer for each of its own.
  record Lowered(TileKernel kernel, List<Integer> buffers) {}

  /// A value and where it is stored.
  record Result(Value value, Source.Place place) {}

  /// @param nodes the group; none makes a kernel that copies
  /// @param sources how a value made outside the group is read
  /// @param program the program's buffers
  LowerGroup(
      List<Node> nodes, Function<Value, Source> sources, IntFunction<Program.Buffer> program) {
    nodes.forEach(node -> inside.addAll(node.results()));
    this.sources = sources;
    this.program = program;
  }

  /// The kernel that stores `results`, the one with the most axes first.
  Lowered lower(String name, List<Result> results) {
    for (Result result : results) {
      List<Dim> at = domain(result.value());
      int value = value(result.value(), at, null);
      List<TileIndex> index = new ArrayList<>();
      at.forEach(dim -> index.add(new TileIndex.At(dim)));
      store(result.place(), index, value, Optional.empty());
    }
    return kernel(name);
  }

  private Lowered kernel(String name) {
    List<TileKernel.Buffer> buffers = new ArrayList<>();
    for (int number : slots.keySet()) {
      Program.Buffer buffer = program.apply(number);
      buffers.add(new TileKernel.Buffer(buffer.name(), buffer.type(), buffer.layout()));
    }
    List<Axis> used = new ArrayList<>();
    axes.forEach((symbol, extent) -> used.add(new Axis(symbol, extent)));
    TileKernel kernel = new TileKernel(name, buffers, used, List.copyOf(body.keySet()), stores);
    return new Lowered(kernel, List.copyOf(slots.keySet()));
  }

  /// The kernel that writes the update of an [UpdateSlice] into `base`, and nothing else.
  Lowered updateSlice(Node node, UpdateSlice op, Source.Place base) {
    Value update = node.operand(1);
    List<Dim> at = domain(update);
    Elem start = op.start(node.operandTypes());
    DType wide = start.dtype(node.operandTypes());
    int place =
        define(
            new Definition.Apply(
                ScalarFn.ADD,
                List.of(
                    element(start, node, null),
                    define(new Definition.IndexValue(wide, at.get(op.axis()))))));
    List<TileIndex> index = new ArrayList<>();
    at.forEach(dim -> index.add(new TileIndex.At(dim)));
    index.set(op.axis(), new TileIndex.Computed(place));
    store(base, index, value(update, at, null), Optional.empty());
    return kernel(KernelNames.of(List.of(node)));
  }

  /// The kernel that adds the slices of a [Scatter] to `base`, which holds zeros.
  Lowered scatter(Node node, Scatter op, Source.Place base) {
    Value indices = node.operand(0);
    List<Dim> at = domain(node.operand(1));
    int after = op.axis() + indices.type().rank();
    Elem row =
        Elem.clamp(
            Elem.read(0, at.subList(op.axis(), after)), indices.type().dtype(), op.size().minus(1));
    List<TileIndex> index = new ArrayList<>();
    at.subList(0, op.axis()).forEach(dim -> index.add(new TileIndex.At(dim)));
    index.add(new TileIndex.Computed(element(row, node, null)));
    at.subList(after, at.size()).forEach(dim -> index.add(new TileIndex.At(dim)));
    store(base, index, value(node.operand(1), at, null), Optional.of(Reducer.SUM));
    return kernel(KernelNames.of(List.of(node)));
  }

  /// The kernel that adds the values of an [Accumulate] to `base`, which holds zeros; where a place
  /// is outside, it adds zero at the nearest end.
  Lowered accumulate(Node node, Accumulate op, Source.Place base) {
    Map<String, Dim> bindings = new HashMap<>();
    for (Axis axis : op.axes()) {
      bindings.put(axis.symbol(), axis.extent().is(1) ? Dim.ZERO : newAxis(axis.extent()));
    }
    List<TensorType> types = node.operandTypes();
    List<TileIndex> index = new ArrayList<>();
    List<Elem> inside = new ArrayList<>();
    for (int i = 0; i < op.index().size(); i++) {
      Elem place = op.index().get(i).renamed(fresh, bindings);
      DType dtype = place.dtype(types);
      inside.add(Elem.call(ScalarFn.GE, place, Elem.literal(dtype, 0L)));
      inside.add(Elem.call(ScalarFn.LT, place, new Elem.IndexValue(dtype, op.shape().get(i))));
      index.add(new TileIndex.Computed(element(place, node, null)));
    }
    Elem value = op.value().renamed(fresh, bindings);
    Elem zero = Elem.literal(value.dtype(types), 0L);
    int added = element(Elem.select(inside, value, zero), node, null);
    store(base, index, added, Optional.of(Reducer.SUM));
    return kernel(KernelNames.of(List.of(node)));
  }

  private void store(
      Source.Place place, List<TileIndex> at, int value, Optional<Reducer> accumulate) {
    List<TileIndex> index = new ArrayList<>();
    place.prefix().forEach(dim -> index.add(new TileIndex.At(dim)));
    index.addAll(at);
    stores.add(new TileKernel.Store(slot(place.buffer()), index, value, accumulate));
  }

  /// The index at which a result is computed and stored: one at which another result needed it,
  /// else axes of the right extents, in order, else new ones.
  private List<Dim> domain(Value value) {
    List<Dim> shape = value.type().shape();
    for (List<Dim> at : asked.getOrDefault(value, List.of())) {
      if (isDomain(at, shape)) {
        return at;
      }
    }
    List<Dim> at = new ArrayList<>();
    List<String> free = new ArrayList<>(axes.keySet());
    for (Dim extent : shape) {
      if (extent.is(1)) {
        at.add(Dim.ZERO);
        continue;
      }
      int next = 0;
      while (next < free.size() && !extent.equals(extent(free.get(next)))) {
        next++;
      }
      if (next < free.size()) {
        at.add(Dim.symbol(free.get(next)));
        free.subList(0, next + 1).clear();
      } else {
        at.add(newAxis(extent));
      }
    }
    return at;
  }

  private boolean isDomain(List<Dim> at, List<Dim> shape) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < at.size(); i++) {
      String symbol = at.get(i).symbolName();
      boolean only = shape.get(i).is(1) && at.get(i).is(0);
      if (!only && (symbol == null || !shape.get(i).equals(extent(symbol)) || !seen.add(symbol))) {
        return false;
      }
    }
    return true;
  }

  /// The extent of an axis of the kernel; of another symbol 0, which no axis has.
  private Dim extent(String symbol) {
    return axes.getOrDefault(symbol, Dim.ZERO);
  }

  private Dim newAxis(Dim extent) {
    Axis axis = fresh.axis(extent);
    axes.put(axis.symbol(), extent);
    return axis.index();
  }

  private int value(Value value, List<Dim> at, @Nullable Guard guard) {
    if (!inside.contains(value)) {
      return outside(value, Index.of(at), List.of(), guard);
    }
    Demand demand = new Demand(value, at, guard);
    Integer before = known.get(demand);
    if (before != null) {
      return before;
    }
    asked.computeIfAbsent(value, _ -> new ArrayList<>()).add(at);
    Node node = java.util.Objects.requireNonNull(value.definer());
    List<TensorType> types = node.operandTypes();
    Elem element =
        switch (node.op()) {
          case Pointwise pointwise -> pointwise.define(types, at);
          case Primitive primitive -> primitive.define(types, at, fresh);
          default -> throw new CompilerBug("Lower", node.op().mnemonic() + " is in a kernel");
        };
    int number = element(element, node, guard);
    known.put(demand, number);
    return number;
  }

  private int outside(
      Value value, List<Index> at, List<TileIndex> computed, @Nullable Guard guard) {
    return switch (sources.apply(value)) {
      case Source.Turn(Dim symbol) -> define(new Definition.IndexValue(DType.I32, symbol));
      case Source.Place(int buffer, List<Dim> prefix) -> {
        List<TileIndex> index = new ArrayList<>();
        prefix.forEach(dim -> index.add(new TileIndex.At(dim)));
        boolean safe = true;
        int next = 0;
        for (int i = 0; i < at.size(); i++) {
          switch (at.get(i)) {
            case Index.At(Dim expr) -> {
              index.add(new TileIndex.At(expr));
              safe = safe && (guard == null || prover().isWithin(expr, value.type().dim(i)));
            }
            case Index.Computed _ -> index.add(computed.get(next++));
          }
        }
        Optional<Integer> only =
            safe || guard == null ? Optional.empty() : Optional.of(condition(guard));
        yield define(new Definition.Load(slot(buffer), index, only));
      }
    };
  }

  /// Proves from the extents of the axes so far.
  private Prover prover() {
    List<Axis> all = new ArrayList<>();
    axes.forEach((symbol, size) -> all.add(new Axis(symbol, size)));
    return provers.computeIfAbsent(all, known -> Facts.NONE.over(known).prover());
  }

  private int condition(Guard guard) {
    int own =
        guard.holds()
            ? guard.condition()
            : define(new Definition.Apply(ScalarFn.NOT, List.of(guard.condition())));
    return guard.outer() == null
        ? own
        : define(new Definition.Apply(ScalarFn.AND, List.of(condition(guard.outer()), own)));
  }

  private int element(Elem element, Node node, @Nullable Guard guard) {
    return switch (element) {
      case Elem.Read(int operand, List<Index> at) -> read(node.operand(operand), at, node, guard);
      case Elem.Literal literal -> define(new Definition.Constant(literal));
      case Elem.IndexValue(DType dtype, Dim expr) -> define(new Definition.IndexValue(dtype, expr));
      case Elem.Call(ScalarFn fn, List<Elem> args) when fn == ScalarFn.SELECT -> {
        int condition = element(args.get(0), node, guard);
        int yes = element(args.get(1), node, new Guard(condition, true, guard));
        int no = element(args.get(2), node, new Guard(condition, false, guard));
        yield define(new Definition.Apply(fn, List.of(condition, yes, no)));
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        List<Integer> parts = new ArrayList<>();
        args.forEach(arg -> parts.add(element(arg, node, guard)));
        yield define(new Definition.Apply(fn, parts));
      }
      case Elem.Cast(DType dtype, Elem arg) ->
          define(new Definition.Cast(dtype, element(arg, node, guard)));
      case Elem.Reduce reduce -> reduce(reduce, node, guard);
    };
  }

  private int read(Value value, List<Index> at, Node node, @Nullable Guard guard) {
    List<Dim> exprs = new ArrayList<>();
    List<TileIndex> computed = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      switch (at.get(i)) {
        // A guarded read of the only element of an axis may not be moved to that element.
        case Index.At(Dim expr) ->
            exprs.add(guard == null && value.type().dim(i).is(1) ? Dim.ZERO : expr);
        case Index.Computed(Elem index) ->
            computed.add(new TileIndex.Computed(element(index, node, guard)));
      }
    }
    if (computed.isEmpty()) {
      return value(value, exprs, guard);
    }
    if (inside.contains(value)) {
      throw new CompilerBug("Lower", "a computed index into a value of the same kernel");
    }
    return outside(value, at, computed, guard);
  }

  private int reduce(Elem.Reduce reduce, Node node, @Nullable Guard guard) {
    // Axes that the body depends on are no other axis's name; those of the guard count as well.
    Set<String> taken = symbols(reduce.body());
    for (Guard g = guard; g != null; g = g.outer()) {
      taken.addAll(dependences.get(g.condition()));
    }
    Map<String, Dim> names = new HashMap<>();
    List<String> reduced = new ArrayList<>();
    for (Axis axis : reduce.axes()) {
      if (axis.extent().is(1)) {
        names.put(axis.symbol(), Dim.ZERO);
        continue;
      }
      String name =
          axes.entrySet().stream()
              .filter(e -> e.getValue().equals(axis.extent()) && !taken.contains(e.getKey()))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(axis.symbol());
      axes.putIfAbsent(name, axis.extent());
      taken.add(name);
      names.put(axis.symbol(), Dim.symbol(name));
      reduced.add(name);
    }
    int arg = element(reduce.body().substitute(names), node, guard);
    return reduced.isEmpty()
        ? arg
        : define(new Definition.Reduce(reduce.reducer(), reduce.accumulator(), reduced, arg));
  }

  /// All symbols in an expression: of axes, and of sizes.
  static Set<String> symbols(Elem element) {
    Set<String> out = new HashSet<>();
    collect(element, out);
    return out;
  }

  private static void collect(Elem element, Set<String> out) {
    switch (element) {
      case Elem.Read(int operand, List<Index> at) -> {
        for (Index index : at) {
          switch (index) {
            case Index.At(Dim expr) -> out.addAll(expr.symbols());
            case Index.Computed(Elem value) -> collect(value, out);
          }
        }
      }
      case Elem.Literal _ -> {}
      case Elem.IndexValue(DType dtype, Dim expr) -> out.addAll(expr.symbols());
      case Elem.Call(ScalarFn fn, List<Elem> args) -> args.forEach(arg -> collect(arg, out));
      case Elem.Cast(DType dtype, Elem arg) -> collect(arg, out);
      case Elem.Reduce reduce -> {
        reduce.axes().forEach(axis -> out.addAll(axis.extent().symbols()));
        collect(reduce.body(), out);
      }
    }
  }

  private int define(Definition definition) {
    Integer before = body.get(definition);
    if (before != null) {
      return before;
    }
    body.put(definition, body.size());
    dependences.add(TileKernel.dependences(definition, dependences));
    return body.size() - 1;
  }

  private int slot(int buffer) {
    Integer before = slots.get(buffer);
    if (before != null) {
      return before;
    }
    slots.put(buffer, slots.size());
    return slots.size() - 1;
  }
}
