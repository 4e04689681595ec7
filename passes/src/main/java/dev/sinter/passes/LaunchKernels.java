package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.program.Program.Fusion;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The launches of a body: each computes a group's results where they have to end, or in the memory
/// of an operand that nobody reads afterwards, or in memory of their own.
final class LaunchKernels {
  private final Memory memory;
  private final KernelTable kernels;
  private final Places places;
  private final List<Step> steps;

  /// @param steps where the launches go
  LaunchKernels(Memory memory, KernelTable kernels, Places places, List<Step> steps) {
    this.memory = memory;
    this.kernels = kernels;
    this.places = places;
    this.steps = steps;
  }

  /// Computes a group by its kernels.
  void group(Group group) {
    switch (group.nodes().getLast().op()) {
      case UpdateSlice op -> updateSlice(group, op);
      case Scatter op -> {
        Source.Place into = apart(group);
        fill(group, Reducer.SUM.identity(dtype(group)), into);
        launch(kernel(group).scatter(group.nodes().getLast(), op, into), group.spans());
      }
      case Accumulate op -> {
        Source.Place into = apart(group);
        fill(group, op.reducer().identity(dtype(group)), into);
        launch(kernel(group).accumulate(group.nodes().getLast(), op, into), group.spans());
      }
      case Pad op -> pad(group, op);
      case Concat op -> concat(group, op);
      default -> whole(group);
    }
  }

  /// Computes a group by one kernel, its outputs at their targets or in memory of their own.
  private void whole(Group group) {
    List<Node> nodes = group.nodes();
    List<Value> outputs = group.outputs();
    Map<Value, Source.Place> made = new HashMap<>();
    for (Value output : outputs) {
      made.put(output, places.targetOrTemporary(output));
    }
    LowerGroup.Lowered lowered = lowered(nodes, outputs, made);
    for (Value output : outputs) {
      Source.Place target = places.target(output);
      if (target != null && overwritesOperand(lowered, target.buffer())) {
        made.put(output, memory.temporary(output));
        places.copyAtEnd(output, target);
      }
    }
    lowered = lowered(nodes, outputs, made);
    launch(takeOver(lowered, group, made), group.spans(), FusionEstimate.of(group));
    made.forEach(places::put);
  }

  private LowerGroup.Lowered lowered(
      List<Node> nodes, List<Value> outputs, Map<Value, Source.Place> made) {
    List<LowerGroup.Result> results = new ArrayList<>();
    for (Value output : outputs) {
      results.add(new LowerGroup.Result(output, Objects.requireNonNull(made.get(output))));
    }
    return new LowerGroup(nodes, places::source, memory::get).lower(KernelNames.of(nodes), results);
  }

  /// Whether writing `buffer` would spoil what the kernel has still to read.
  private boolean overwritesOperand(LowerGroup.Lowered lowered, int buffer) {
    int root = memory.root(buffer);
    for (int slot = 0; slot < lowered.buffers().size(); slot++) {
      int number = lowered.buffers().get(slot);
      if (memory.root(number) != root || !loads(lowered.kernel(), slot)) {
        continue;
      }
      if (number != buffer || !InPlace.possible(lowered.kernel(), slot, slot)) {
        return true;
      }
    }
    return false;
  }

  private boolean loads(TileKernel kernel, int slot) {
    return kernel.body().stream()
        .anyMatch(d -> d instanceof TileKernel.Definition.Load l && l.buffer() == slot);
  }

  /// Puts results into the memory of operands that nobody reads afterwards.
  private LowerGroup.Lowered takeOver(
      LowerGroup.Lowered lowered, Group group, Map<Value, Source.Place> made) {
    TileKernel kernel = lowered.kernel();
    List<Integer> buffers = new ArrayList<>(lowered.buffers());
    for (Value output : group.outputs()) {
      Source.Place place = Objects.requireNonNull(made.get(output));
      if (places.target(output) != null) {
        continue;
      }
      for (Value operand : group.inputs()) {
        if (!operand.type().equals(output.type()) || !places.dies(operand)) {
          continue;
        }
        int old = ((Source.Place) places.source(operand)).buffer();
        int from = buffers.indexOf(old);
        int to = buffers.indexOf(place.buffer());
        boolean alone =
            buffers.stream().filter(b -> memory.root(b) == memory.root(old)).count() == 1;
        if (from >= 0 && alone && InPlace.possible(kernel, from, to)) {
          kernel = InPlace.merged(kernel, from, to);
          memory.share(place.buffer(), old);
          buffers.remove(/* index */ from);
          break;
        }
      }
    }
    return new LowerGroup.Lowered(kernel, buffers);
  }

  /// Writes the update alone where the tensor's memory may become the result's.
  private void updateSlice(Group group, UpdateSlice op) {
    Node node = group.nodes().getLast();
    Value base = node.operand(0);
    Value result = node.result();
    Source.@Nullable Place target = places.target(result);
    Source.@Nullable Place place = null;
    if (group.inputs().contains(base)
        && places.source(base) instanceof Source.Place from
        && places.isOnlyOperandIn(node, from)) {
      if (target == null && places.dies(base)) {
        place = memory.over(from.buffer(), result);
      } else if (from.equals(target)) {
        place = from;
      }
    }
    if (place == null) {
      whole(group);
      return;
    }
    launch(kernel(group).updateSlice(node, op, place), group.spans());
    places.put(result, place);
  }

  /// Writes each operand to its part of the result.
  private void concat(Group group, Concat op) {
    Source.Place into = apart(group);
    Node concat = group.nodes().getLast();
    List<Value> operands = concat.operands();
    List<Long> steps = Collections.nCopies(operands.getFirst().type().rank(), 1L);
    List<Dim> low = new ArrayList<>(Collections.nCopies(steps.size(), Dim.ZERO));
    for (Value operand : operands) {
      launch(
          kernel(group).part(KernelNames.of(List.of(concat)), operand, low, steps, into),
          group.spans());
      low.set(op.axis(), low.get(op.axis()).plus(operand.type().dim(op.axis())));
    }
  }

  /// Where the result of a group goes that several kernels write: not into its operands.
  private Source.Place apart(Group group) {
    Value result = group.nodes().getLast().result();
    Source.@Nullable Place target = places.target(result);
    if (target != null && group.inputs().stream().noneMatch(o -> places.sameMemory(o, target))) {
      places.put(result, target);
      return target;
    }
    Source.Place place = memory.temporary(result);
    if (target != null) {
      places.copyAtEnd(result, target);
    }
    places.put(result, place);
    return place;
  }

  /// Writes the operand, or computes it, where it belongs in the result, and the new places' value
  /// around it, or first everywhere if there are new places between the operand's too.
  private void pad(Group group, Pad op) {
    Source.Place into = apart(group);
    Elem.Literal value = (Elem.Literal) Elem.literal(dtype(group), op.value());
    Value operand = group.nodes().getLast().operand(0);
    List<Long> steps = op.interior().stream().map(between -> between + 1).toList();
    if (steps.stream().allMatch(step -> step == 1)) {
      border(group, op, operand.type().shape(), value, into);
    } else {
      fill(group, value, into);
    }
    launch(
        kernel(group).part(KernelNames.of(group.nodes()), operand, op.low(), steps, into),
        group.spans(),
        FusionEstimate.of(group));
  }

  /// Fills what a pad puts around a tensor of shape `inner`: along each axis a slab before it and
  /// one after it, of places that no axis before has put there.
  private void border(Group group, Pad op, List<Dim> inner, Elem.Literal value, Source.Place into) {
    List<Dim> shape = new ArrayList<>(group.nodes().getLast().result().type().shape());
    List<Dim> before = new ArrayList<>(Collections.nCopies(shape.size(), Dim.ZERO));
    for (int axis = 0; axis < shape.size(); axis++) {
      Dim low = op.low().get(axis);
      Dim high = op.high().get(axis);
      List<Dim> after = new ArrayList<>(before);
      after.set(axis, low.plus(inner.get(axis)));
      shape.set(axis, low);
      if (low.equals(high)) {
        fill(group, value, shape, List.of(before, after), into);
      } else {
        fill(group, value, shape, List.of(before), into);
        shape.set(axis, high);
        fill(group, value, shape, List.of(after), into);
      }
      before.set(axis, low);
      shape.set(axis, inner.get(axis));
    }
  }

  /// Makes all of the group's result `value`.
  private void fill(Group group, Elem.Literal value, Source.Place into) {
    List<Dim> shape = group.nodes().getLast().result().type().shape();
    fill(group, value, shape, List.of(Collections.nCopies(shape.size(), Dim.ZERO)), into);
  }

  /// Makes those parts of the group's result `value` that have this shape and begin at `lows`.
  private void fill(
      Group group, Elem.Literal value, List<Dim> shape, List<List<Dim>> lows, Source.Place into) {
    GraphBuilder b = new GraphBuilder();
    Value fill = b.fill(value, shape);
    List<Long> steps = Collections.nCopies(shape.size(), 1L);
    launch(
        new LowerGroup(b.region(List.of(fill)).nodes(), places::source, memory::get)
            .parts("fill", fill, lows, steps, into),
        group.spans());
  }

  private static DType dtype(Group group) {
    return group.nodes().getLast().result().type().dtype();
  }

  private LowerGroup kernel(Group group) {
    return new LowerGroup(group.nodes(), places::source, memory::get);
  }

  /// Copies `value` to `place` by a kernel of its own.
  void copy(Value value, Source.Place place) {
    launch(
        new LowerGroup(List.of(), places::source, memory::get)
            .lower("copy", List.of(new LowerGroup.Result(value, place))),
        List.of());
  }

  /// A row-major buffer that holds `value` and nothing else.
  Source.Place whole(Value value) {
    if (places.source(value) instanceof Source.Place place
        && place.prefix().isEmpty()
        && memory.isRowMajor(place.buffer())) {
      return place;
    }
    Source.Place place = memory.temporary(value);
    copy(value, place);
    return place;
  }

  private void launch(LowerGroup.Lowered lowered, List<Span> spans) {
    launch(lowered, spans, Fusion.NONE);
  }

  private void launch(LowerGroup.Lowered lowered, List<Span> spans, Fusion fusion) {
    if (writesNothing(lowered.kernel())) {
      return;
    }
    KernelTable.Use use = kernels.use(lowered.kernel());
    steps.add(new Step.Launch(use.kernel(), lowered.buffers(), use.sizes(), spans, fusion));
  }

  /// Whether all that a kernel writes is tensors, or parts of them, without elements.
  private static boolean writesNothing(TileKernel kernel) {
    List<Set<String>> dependences = kernel.dependences();
    Set<String> empty = new HashSet<>();
    kernel.axes().stream().filter(a -> a.extent().is(0)).forEach(a -> empty.add(a.symbol()));
    return kernel.stores().stream()
        .allMatch(store ->
            kernel.buffers().get(store.buffer()).type().shape().stream().anyMatch(d -> d.is(0))
                || TileKernel.dependences(store.at(), dependences).stream()
                    .anyMatch(empty::contains));
  }
}
