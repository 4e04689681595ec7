package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.passes.FusedGraph.Algorithm;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Data;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.Size;
import dev.sinter.passes.FusedGraph.View;
import dev.sinter.passes.PartOrder.Home;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Turns a body into steps. Each result of a body has a place where it has to end: a result of the
/// caller's, a state, what a loop carries, or a slice of what it emits. The part that makes it
/// writes there at once where the plan proves that nobody needs the old content any more; else it
/// is copied there at the end, by a kernel named `copy` that the plan shows.
final class LowerBody {
  private final Memory memory;
  private final KernelTable table;
  private final TurnNames turns;
  private final Body body;
  private final List<Source.Place> destinations;
  private final Places places;
  private final LaunchKernels kernels;
  private final LowerFlow flow;
  private final List<Step> steps = new ArrayList<>();

  private LowerBody(
      Memory memory,
      KernelTable table,
      TurnNames turns,
      Body body,
      Map<Value, Source> given,
      List<Source.Place> destinations,
      boolean outermost) {
    this.memory = memory;
    this.table = table;
    this.turns = turns;
    this.body = body;
    this.destinations = destinations;
    this.places = new Places(memory, body, given, outermost);
    this.kernels = new LaunchKernels(memory, table, places, steps);
    this.flow = new LowerFlow(memory, places, kernels, turns, this);
  }

  /// The body of a program.
  ///
  /// @param turns names for the turns of its loops
  /// @param given how each parameter is read
  /// @param destinations where each result has to end
  static LowerBody of(
      Memory memory,
      KernelTable table,
      TurnNames turns,
      Body body,
      Map<Value, Source> given,
      List<Source.Place> destinations) {
    return new LowerBody(memory, table, turns, body, given, destinations, true);
  }

  /// The steps that run the parts and put the results where they have to end.
  List<Step> steps() {
    PartOrder order = PartOrder.of(body, homes());
    places.order(order.parts());
    assignTargets(order);
    for (Part part : order.parts()) {
      switch (part) {
        case Group group -> kernels.group(group);
        case View view -> view(view);
        case Flow inner -> steps.add(flow.step(inner));
        case Data(Node node, Tensor tensor) ->
            places.put(
                node.result(),
                memory.border(
                    node.result().name().isEmpty() ? "constant" : node.result().name(),
                    node.result().type(),
                    new Origin.Constant(tensor)));
        case Algorithm algorithm -> algorithm(algorithm);
        case Size(Node node, RuntimeSize size) ->
            steps.add(new Step.Measure(size.symbol(), kernels.whole(node.operand(0)).buffer()));
      }
      places.next();
    }
    places.forEachCopy(kernels::copy);
    return steps;
  }

  /// The steps of a body inside this one.
  List<Step> nested(Body inner, Map<Value, Source> given, List<Source.Place> ends) {
    return new LowerBody(memory, table, turns, inner, given, ends, false).steps();
  }

  /// The parameters whose memory some result has to end in.
  private List<Home> homes() {
    List<Home> homes = new ArrayList<>();
    for (int i = 0; i < destinations.size(); i++) {
      for (Value param : body.region().params()) {
        Value result = body.region().results().get(i);
        if (!param.equals(result) && places.sameMemory(param, destinations.get(i))) {
          homes.add(new Home(param, result));
        }
      }
    }
    return homes;
  }

  /// Decides which results are written where they have to end, and which are copied there.
  private void assignTargets(PartOrder order) {
    List<Home> homes = homes();
    Set<Value> made = new HashSet<>();
    for (Part part : body.parts()) {
      if (!(part instanceof View) && !(part instanceof Data)) {
        made.addAll(part.outputs());
      }
    }
    for (int i = 0; i < destinations.size(); i++) {
      Value result = body.region().results().get(i);
      Source.Place place = destinations.get(i);
      if (places.isAt(result, place)) {
        continue;
      }
      boolean free =
          homes.stream()
              .filter(h -> h.after().equals(result) && places.sameMemory(h.before(), place))
              .allMatch(order.inPlace()::contains);
      if (made.contains(result) && free && places.target(result) == null) {
        places.aim(result, place);
      } else if (isReplaced(result)) {
        copyBefore(result, place);
      } else {
        places.copyAtEnd(result, place);
      }
    }
  }

  /// Whether `value` is, or looks at, a parameter whose memory gets another content.
  private boolean isReplaced(Value value) {
    Value whole = places.viewed(value);
    return homes().stream().anyMatch(home -> home.before().equals(whole));
  }

  /// Finds the memory of a value that looks at a parameter's.
  private void look(Value value) {
    Node definer = value.definer();
    if (definer != null && places.isView(definer) && !places.has(value)) {
      look(definer.operand(0));
      view(new View(definer));
    }
  }

  /// Saves a parameter's old content before anything is written.
  private void copyBefore(Value old, Source.Place place) {
    look(old);
    boolean elsewhere =
        body.region().params().stream().noneMatch(param -> places.sameMemory(param, place));
    if (elsewhere) {
      kernels.copy(old, place);
      return;
    }
    Value saved = Value.parameter(old.type(), old.name() + ".old");
    Source.Place temporary = memory.temporary(saved);
    kernels.copy(old, temporary);
    places.put(saved, temporary);
    places.copyAtEnd(saved, place);
  }

  private void view(View view) {
    Value operand = view.node().operand(0);
    Value result = view.node().result();
    if (places.has(result)) {
      return;
    }
    if (places.source(operand) instanceof Source.Place(int buffer, List<Dim> prefix)
        && prefix.isEmpty()
        && memory.isRowMajor(buffer)) {
      places.put(result, memory.over(buffer, result));
    } else if (view.node().op() instanceof BitCast) {
      places.put(result, memory.over(kernels.whole(operand).buffer(), result));
    } else {
      kernels.group(new Group(List.of(view.node()), List.of(result), Set.of()));
    }
  }

  private void algorithm(Algorithm algorithm) {
    List<Integer> buffers = new ArrayList<>();
    for (Value operand : algorithm.node().operands()) {
      buffers.add(kernels.whole(operand).buffer());
    }
    for (Value result : algorithm.node().results()) {
      Source.Place target = places.target(result);
      boolean direct =
          target != null
              && target.prefix().isEmpty()
              && memory.isRowMajor(target.buffer())
              && buffers.stream().noneMatch(b -> memory.root(b) == memory.root(target.buffer()));
      Source.Place place = direct ? Objects.requireNonNull(target) : memory.temporary(result);
      if (target != null && !direct) {
        places.copyAtEnd(result, target);
      }
      places.put(result, place);
      buffers.add(place.buffer());
    }
    steps.add(new Step.Extern(algorithm.extern(), buffers, algorithm.node().span()));
  }
}
