package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.RuntimeSize;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private final Set<Value> inside = new LinkedHashSet<>();
  private final Function<Value, Source> sources;
  private final KernelDraft kernel;
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
    this.kernel = new KernelDraft(program);
  }

  /// The kernel that stores `results`, the one with the most axes first.
  Lowered lower(String name, List<Result> results) {
    for (Result result : results) {
      for (List<Dim> at : points(result.value())) {
        int value = value(result.value(), at, null);
        List<TileIndex> index = new ArrayList<>();
        at.forEach(dim -> index.add(new TileIndex.At(dim)));
        kernel.store(result.place(), index, value, Optional.empty());
      }
    }
    return kernel.finish(name);
  }

  /// The kernel that writes the update of an [UpdateSlice] into `base`, and nothing else.
  Lowered updateSlice(Node node, UpdateSlice op, Source.Place base) {
    Value update = node.operand(1);
    List<Dim> at = domain(update);
    Elem first = op.start(node.operandTypes());
    DType wide = first.dtype(node.operandTypes());
    // Where data tells that there is no room for the update, there is none of it.
    Dim room = node.result().type().dim(op.axis()).minus(update.type().dim(op.axis())).plus(1);
    Elem start = ifAny(first, wide, List.of(room.max(Dim.ZERO)));
    int place =
        kernel.define(
            new Definition.Apply(
                ScalarFn.ADD,
                List.of(
                    element(start, node, null),
                    kernel.define(new Definition.IndexValue(wide, at.get(op.axis()))))));
    List<TileIndex> index = new ArrayList<>();
    at.forEach(dim -> index.add(new TileIndex.At(dim)));
    index.set(op.axis(), new TileIndex.Computed(place));
    kernel.store(base, index, value(update, at, null), Optional.empty());
    return kernel.finish(KernelNames.of(List.of(node)));
  }

  /// The kernel that writes `part` into `base`: its first element at `low`, and its neighbours
  /// `steps` places apart.
  Lowered part(String name, Value part, List<Dim> low, List<Long> steps, Source.Place base) {
    return parts(name, part, List.of(low), steps, base);
  }

  /// The kernel that writes `part` into `base` several times, its first element at each of `lows`.
  Lowered parts(
      String name, Value part, List<List<Dim>> lows, List<Long> steps, Source.Place base) {
    for (List<Dim> at : points(part)) {
      int value = value(part, at, null);
      for (List<Dim> low : lows) {
        List<TileIndex> index = new ArrayList<>();
        for (int i = 0; i < at.size(); i++) {
          index.add(new TileIndex.At(at.get(i).times(steps.get(i)).plus(low.get(i))));
        }
        kernel.store(base, index, value, Optional.empty());
      }
    }
    return kernel.finish(name);
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
    DType dtype = row.dtype(node.operandTypes());
    Elem only = ifAny(row, dtype, List.of(op.size()));
    index.add(new TileIndex.Computed(element(only, node, null)));
    at.subList(after, at.size()).forEach(dim -> index.add(new TileIndex.At(dim)));
    kernel.store(base, index, value(node.operand(1), at, null), Optional.of(Reducer.SUM));
    return kernel.finish(KernelNames.of(List.of(node)));
  }

  /// The place itself, along an axis of one point, or of none if a tensor of this shape turns out
  /// to have no elements: then nothing has a place in it.
  private Elem ifAny(Elem place, DType dtype, List<Dim> shape) {
    List<Dim> told = shape.stream().filter(RuntimeSize::isIn).toList();
    if (told.isEmpty()) {
      return place;
    }
    Dim once = kernel.newAxis(Dim.product(told).min(Dim.ONE));
    return Elem.call(ScalarFn.ADD, place, new Elem.IndexValue(dtype, once));
  }

  /// The kernel that joins the values of an [Accumulate] in `base`, which holds its identity; where
  /// a place is outside, it joins the identity at the nearest end.
  Lowered accumulate(Node node, Accumulate op, Source.Place base) {
    Map<String, Dim> bindings = new HashMap<>();
    for (Axis axis : op.axes()) {
      bindings.put(axis.symbol(), axis.extent().is(1) ? Dim.ZERO : kernel.newAxis(axis.extent()));
    }
    List<TensorType> types = node.operandTypes();
    List<TileIndex> index = new ArrayList<>();
    List<Elem> inside = new ArrayList<>();
    for (int i = 0; i < op.index().size(); i++) {
      Elem place = op.index().get(i).renamed(kernel.fresh(), bindings);
      DType dtype = place.dtype(types);
      inside.add(Elem.call(ScalarFn.GE, place, Elem.literal(dtype, 0L)));
      inside.add(Elem.call(ScalarFn.LT, place, new Elem.IndexValue(dtype, op.shape().get(i))));
      Elem only = i == 0 ? ifAny(place, dtype, op.shape()) : place;
      index.add(new TileIndex.Computed(element(only, node, null)));
    }
    Elem value = op.value().renamed(kernel.fresh(), bindings);
    Elem nothing = op.reducer().identity(value.dtype(types));
    int joined = element(Elem.select(inside, value, nothing), node, null);
    kernel.store(base, index, joined, Optional.of(op.reducer()));
    return kernel.finish(KernelNames.of(List.of(node)));
  }

  /// The points at which all elements of a value are made: one, unless they are made in turns.
  private List<List<Dim>> points(Value value) {
    List<Dim> shape = value.type().shape();
    Optional<Primitive.Phases> phases =
        inside.stream()
            .filter(made -> made.type().shape().equals(shape))
            .flatMap(made -> phases(made).stream())
            .findFirst();
    if (phases.isEmpty()) {
      return List.of(domain(value));
    }
    int axis = phases.get().axis();
    int count = phases.get().count();
    List<Dim> turns = new ArrayList<>(shape);
    turns.set(axis, shape.get(axis).floorDiv(count));
    List<Dim> first = kernel.index(turns);
    List<List<Dim>> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Dim> at = new ArrayList<>(first);
      at.set(axis, first.get(axis).times(count).plus(i));
      points.add(at);
    }
    return points;
  }

  private static Optional<Primitive.Phases> phases(Value made) {
    return Objects.requireNonNull(made.definer()).op() instanceof Primitive primitive
        ? primitive.phases()
        : Optional.empty();
  }

  /// The index at which a result is computed and stored: one at which another result needed it,
  /// else axes of the right extents, in order, else new ones.
  private List<Dim> domain(Value value) {
    List<Dim> shape = value.type().shape();
    for (List<Dim> at : asked.getOrDefault(value, List.of())) {
      if (kernel.isIndex(at, shape)) {
        return at;
      }
    }
    return kernel.index(shape);
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
    Node node = Objects.requireNonNull(value.definer());
    List<TensorType> types = node.operandTypes();
    Elem element =
        switch (node.op()) {
          case Pointwise pointwise -> pointwise.define(types, at);
          case Primitive primitive -> primitive.define(types, at, kernel.fresh());
          default -> throw new CompilerBug("Lower", node.op().mnemonic() + " is in a kernel");
        };
    int number = element(element, node, guard);
    known.put(demand, number);
    return number;
  }

  private int outside(
      Value value, List<Index> at, List<TileIndex> computed, @Nullable Guard guard) {
    return switch (sources.apply(value)) {
      case Source.Turn(Dim symbol) -> kernel.define(new Definition.IndexValue(DType.I32, symbol));
      case Source.Place(int buffer, List<Dim> prefix) -> {
        List<TileIndex> index = new ArrayList<>();
        prefix.forEach(dim -> index.add(new TileIndex.At(dim)));
        boolean safe = true;
        int next = 0;
        for (int i = 0; i < at.size(); i++) {
          switch (at.get(i)) {
            case Index.At(Dim expr) -> {
              index.add(new TileIndex.At(expr));
              safe = safe && (guard == null || kernel.isWithin(expr, value.type().dim(i)));
            }
            case Index.Computed _ -> index.add(computed.get(next++));
          }
        }
        Optional<Integer> only =
            safe || guard == null ? Optional.empty() : Optional.of(condition(guard));
        yield kernel.load(buffer, index, only);
      }
    };
  }

  private int condition(Guard guard) {
    int own =
        guard.holds()
            ? guard.condition()
            : kernel.define(new Definition.Apply(ScalarFn.NOT, List.of(guard.condition())));
    return guard.outer() == null
        ? own
        : kernel.define(new Definition.Apply(ScalarFn.AND, List.of(condition(guard.outer()), own)));
  }

  private int element(Elem element, Node node, @Nullable Guard guard) {
    return switch (element) {
      case Elem.Read(int operand, List<Index> at) -> read(node.operand(operand), at, node, guard);
      case Elem.Literal literal -> kernel.define(new Definition.Constant(literal));
      case Elem.IndexValue(DType dtype, Dim expr) ->
          kernel.define(new Definition.IndexValue(dtype, expr));
      case Elem.Call(ScalarFn fn, List<Elem> args) when fn == ScalarFn.SELECT -> {
        int condition = element(args.get(0), node, guard);
        int yes = element(args.get(1), node, new Guard(condition, true, guard));
        int no = element(args.get(2), node, new Guard(condition, false, guard));
        yield kernel.define(new Definition.Apply(fn, List.of(condition, yes, no)));
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        List<Integer> parts = new ArrayList<>();
        args.forEach(arg -> parts.add(element(arg, node, guard)));
        yield kernel.apply(fn, parts);
      }
      case Elem.Cast(DType dtype, Elem arg) ->
          kernel.define(new Definition.Cast(dtype, element(arg, node, guard)));
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
    Set<String> taken = new HashSet<>(reduce.body().symbols());
    for (Guard g = guard; g != null; g = g.outer()) {
      taken.addAll(kernel.dependences(g.condition()));
    }
    Map<String, Dim> names = new HashMap<>();
    List<String> reduced = new ArrayList<>();
    for (Axis axis : reduce.axes()) {
      if (axis.extent().is(1)) {
        names.put(axis.symbol(), Dim.ZERO);
        continue;
      }
      String name = kernel.reducedAxis(axis, taken);
      taken.add(name);
      names.put(axis.symbol(), Dim.symbol(name));
      reduced.add(name);
    }
    int arg = element(reduce.body().substitute(names), node, guard);
    return reduced.isEmpty()
        ? arg
        : kernel.define(
            new Definition.Reduce(reduce.reducer(), reduce.accumulator(), reduced, arg));
  }
}
