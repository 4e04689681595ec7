package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.op.While;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.passes.FusedGraph.Algorithm;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Data;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.View;
import dev.sinter.passes.PartOrder.Home;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns bodies into steps. Each result of a body has a place where it has to end: a result of the
/// caller's, a state, what a loop carries, or a slice of what it emits. The part that makes it
/// writes there at once where the plan proves that nobody needs the old content any more; else it
/// is copied there at the end, by a kernel named `copy` that the plan shows.
final class LowerBody {
  private final Memory memory;
  private final KernelTable kernels;
  private final Set<String> symbols;
  private final List<String> turns = new ArrayList<>();

  /// @param symbols the names of sizes, which no turn may take
  LowerBody(Memory memory, KernelTable kernels, Set<String> symbols) {
    this.memory = memory;
    this.kernels = kernels;
    this.symbols = new HashSet<>(symbols);
  }

  /// The symbols of all turns so far.
  List<String> turns() {
    return turns;
  }

  /// The steps of a body.
  ///
  /// @param given how each parameter is read
  /// @param destinations where each result has to end
  List<Step> lower(Body body, Map<Value, Source> given, List<Source.Place> destinations) {
    return new Walk(body, given, destinations, true).steps();
  }

  private List<Step> nested(Body body, Map<Value, Source> given, List<Source.Place> destinations) {
    return new Walk(body, given, destinations, false).steps();
  }

  /// One body on its way.
  private final class Walk {
    private final Body body;
    private final Map<Value, Source> sources;
    private final List<Source.Place> destinations;
    private final boolean outermost;
    private final Map<Value, Source.Place> targets = new HashMap<>();
    private final Map<Value, List<Source.Place>> copies = new java.util.LinkedHashMap<>();
    private final Map<Value, Integer> lastUse = new HashMap<>();
    private final Set<Node> views = new HashSet<>();
    private final List<Step> steps = new ArrayList<>();
    private int position;

    Walk(Body body, Map<Value, Source> given, List<Source.Place> destinations, boolean outermost) {
      this.body = body;
      this.outermost = outermost;
      this.sources = new HashMap<>(given);
      this.destinations = destinations;
    }

    List<Step> steps() {
      PartOrder order = PartOrder.of(body, homes());
      findLastUses(order.parts());
      assignTargets(order);
      for (Part part : order.parts()) {
        switch (part) {
          case Group group -> {
            switch (group.nodes().getLast().op()) {
              case UpdateSlice op -> updateSlice(group, op);
              case Scatter op ->
                  scattered(group, (kernel, node, place) -> kernel.scatter(node, op, place));
              case Accumulate op ->
                  scattered(group, (kernel, node, place) -> kernel.accumulate(node, op, place));
              default -> group(group.nodes(), group.outputs(), part.spans());
            }
          }
          case View view -> view(view);
          case Flow flow -> flow(flow);
          case Data(Node node, Tensor tensor) ->
              sources.put(
                  node.result(),
                  memory.border(
                      node.result().name().isEmpty() ? "constant" : node.result().name(),
                      node.result().type(),
                      new Origin.Constant(tensor)));
          case Algorithm algorithm -> algorithm(algorithm);
        }
        position++;
      }
      copies.forEach((value, places) -> places.forEach(place -> copy(value, place)));
      return steps;
    }

    /// The parameters whose memory some result has to end in.
    private List<Home> homes() {
      List<Home> homes = new ArrayList<>();
      for (int i = 0; i < destinations.size(); i++) {
        for (Value param : body.region().params()) {
          Value result = body.region().results().get(i);
          if (!param.equals(result) && sameMemory(param, destinations.get(i))) {
            homes.add(new Home(param, result));
          }
        }
      }
      return homes;
    }

    private boolean sameMemory(Value value, Source.Place place) {
      return sources.get(value) instanceof Source.Place own
          && memory.root(own.buffer()) == memory.root(place.buffer());
    }

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
        if (place.equals(sources.get(result))) {
          continue;
        }
        boolean free =
            homes.stream()
                .filter(h -> h.after().equals(result) && sameMemory(h.before(), place))
                .allMatch(order.inPlace()::contains);
        if (made.contains(result) && free && !targets.containsKey(result)) {
          targets.put(result, place);
        } else if (isReplaced(result)) {
          copyBefore(result, place);
        } else {
          copies.computeIfAbsent(result, _ -> new ArrayList<>()).add(place);
        }
      }
    }

    /// Whether `value` is, or looks at, a parameter whose memory gets another content.
    private boolean isReplaced(Value value) {
      Value whole = viewed(value, views);
      return homes().stream().anyMatch(home -> home.before().equals(whole));
    }

    /// Finds the memory of a value that looks at a parameter's.
    private void look(Value value) {
      Node definer = value.definer();
      if (definer != null && views.contains(definer) && !sources.containsKey(value)) {
        look(definer.operand(0));
        view(new View(definer));
      }
    }

    /// Saves a parameter's old content before anything is written.
    private void copyBefore(Value old, Source.Place place) {
      look(old);
      boolean elsewhere =
          body.region().params().stream().noneMatch(param -> sameMemory(param, place));
      if (elsewhere) {
        copy(old, place);
        return;
      }
      Value saved = Value.parameter(old.type(), old.name() + ".old");
      Source.Place temporary = memory.temporary(saved);
      copy(old, temporary);
      sources.put(saved, temporary);
      copies.computeIfAbsent(saved, _ -> new ArrayList<>()).add(place);
    }

    private void findLastUses(List<Part> parts) {
      for (Part part : parts) {
        if (part instanceof View(Node node)) {
          views.add(node);
        }
      }
      for (int i = 0; i < parts.size(); i++) {
        for (Value value : parts.get(i).inputs()) {
          lastUse.merge(viewed(value, views), i, Math::max);
        }
      }
      for (Value result : body.region().results()) {
        lastUse.put(viewed(result, views), Integer.MAX_VALUE);
      }
    }

    /// The value that `value` looks at under other sizes.
    private static Value viewed(Value value, Set<Node> views) {
      Value whole = value;
      while (whole.definer() != null && views.contains(whole.definer())) {
        whole = whole.definer().operand(0);
      }
      return whole;
    }

    /// Whether the memory of `value` may be taken over by the part at hand. What a nested body gets
    /// from outside may be needed there again.
    private boolean dies(Value value) {
      return (outermost || !body.region().params().contains(viewed(value, views)))
          && lastUse.getOrDefault(viewed(value, views), Integer.MAX_VALUE) == position
          && sources.get(value) instanceof Source.Place(int buffer, List<Dim> prefix)
          && prefix.isEmpty()
          && memory.isReusable(buffer);
    }

    private Source source(Value value) {
      Source source = sources.get(value);
      if (source == null) {
        throw new CompilerBug("Lower", value + " is read before it is made");
      }
      return source;
    }

    private void copy(Value value, Source.Place place) {
      launch(
          new LowerGroup(List.of(), this::source, memory::get)
              .lower("copy", List.of(new LowerGroup.Result(value, place))),
          List.of());
    }

    private void launch(LowerGroup.Lowered lowered, List<Span> spans) {
      launch(lowered, spans, Dim.ZERO);
    }

    private void launch(LowerGroup.Lowered lowered, List<Span> spans, Dim saved) {
      KernelTable.Use use = kernels.use(lowered.kernel());
      steps.add(new Step.Launch(use.kernel(), lowered.buffers(), use.sizes(), spans, saved));
    }

    private void group(List<Node> nodes, List<Value> outputs, List<Span> spans) {
      Map<Value, Source.Place> places = new HashMap<>();
      for (Value output : outputs) {
        Source.Place target = targets.get(output);
        places.put(output, target != null ? target : memory.temporary(output));
      }
      LowerGroup.Lowered lowered = lowered(nodes, outputs, places);
      for (Value output : outputs) {
        Source.Place target = targets.get(output);
        if (target != null && overwritesOperand(lowered, target.buffer())) {
          places.put(output, memory.temporary(output));
          copies.computeIfAbsent(output, _ -> new ArrayList<>()).add(target);
        }
      }
      lowered = lowered(nodes, outputs, places);
      launch(
          takeOver(lowered, nodes, outputs, places), spans, FusionCost.bytesSaved(nodes, outputs));
      sources.putAll(places);
    }

    /// Writes the update alone where the tensor's memory may become the result's.
    private void updateSlice(Group group, UpdateSlice op) {
      Node node = group.nodes().getLast();
      Value base = node.operand(0);
      Value result = node.result();
      Source.@Nullable Place target = targets.get(result);
      Source.@Nullable Place place = null;
      if (sources.get(base) instanceof Source.Place from && onlyOperandIn(node, from)) {
        if (target == null && dies(base)) {
          place = memory.over(from.buffer(), result);
        } else if (from.equals(target)) {
          place = from;
        }
      }
      if (place == null) {
        group(group.nodes(), group.outputs(), group.spans());
        return;
      }
      launch(kernel(group).updateSlice(node, op, place), group.spans());
      sources.put(result, place);
    }

    private interface Scattering {
      LowerGroup.Lowered into(LowerGroup kernel, Node node, Source.Place place);
    }

    /// Fills the result with zeros and adds to it.
    private void scattered(Group group, Scattering scattering) {
      Node node = group.nodes().getLast();
      Value result = node.result();
      Source.@Nullable Place target = targets.get(result);
      Source.Place place = target;
      if (target == null || group.inputs().stream().anyMatch(o -> sameMemory(o, target))) {
        place = memory.temporary(result);
        if (target != null) {
          copies.computeIfAbsent(result, _ -> new ArrayList<>()).add(target);
        }
      }
      GraphBuilder b = new GraphBuilder();
      Value zeros = b.fill(result.type(), 0);
      Source.Place into = Objects.requireNonNull(place);
      launch(
          new LowerGroup(b.region(List.of(zeros)).nodes(), this::source, memory::get)
              .lower("zero", List.of(new LowerGroup.Result(zeros, into))),
          group.spans());
      launch(scattering.into(kernel(group), node, into), group.spans());
      sources.put(result, into);
    }

    private LowerGroup kernel(Group group) {
      return new LowerGroup(group.nodes(), this::source, memory::get);
    }

    private LowerGroup.Lowered lowered(
        List<Node> nodes, List<Value> outputs, Map<Value, Source.Place> places) {
      List<LowerGroup.Result> results = new ArrayList<>();
      for (Value output : outputs) {
        results.add(new LowerGroup.Result(output, Objects.requireNonNull(places.get(output))));
      }
      return new LowerGroup(nodes, this::source, memory::get).lower(KernelNames.of(nodes), results);
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
        LowerGroup.Lowered lowered,
        List<Node> nodes,
        List<Value> outputs,
        Map<Value, Source.Place> places) {
      TileKernel kernel = lowered.kernel();
      List<Integer> buffers = new ArrayList<>(lowered.buffers());
      for (Value output : outputs) {
        Source.Place place = Objects.requireNonNull(places.get(output));
        if (targets.containsKey(output)) {
          continue;
        }
        for (Value operand : new Group(nodes, outputs).inputs()) {
          if (!operand.type().equals(output.type()) || !dies(operand)) {
            continue;
          }
          int old = ((Source.Place) source(operand)).buffer();
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

    private void view(View view) {
      Value operand = view.node().operand(0);
      Value result = view.node().result();
      if (sources.containsKey(result)) {
        return;
      }
      if (source(operand) instanceof Source.Place(int buffer, List<Dim> prefix)
          && prefix.isEmpty()
          && memory.isRowMajor(buffer)) {
        sources.put(result, memory.over(buffer, result));
      } else {
        group(List.of(view.node()), List.of(result), List.of(view.node().span()));
      }
    }

    private void algorithm(Algorithm algorithm) {
      List<Integer> buffers = new ArrayList<>();
      for (Value operand : algorithm.node().operands()) {
        buffers.add(whole(operand).buffer());
      }
      for (Value result : algorithm.node().results()) {
        Source.Place target = targets.get(result);
        boolean direct =
            target != null
                && target.prefix().isEmpty()
                && memory.isRowMajor(target.buffer())
                && buffers.stream().noneMatch(b -> memory.root(b) == memory.root(target.buffer()));
        Source.Place place = direct ? Objects.requireNonNull(target) : memory.temporary(result);
        if (target != null && !direct) {
          copies.computeIfAbsent(result, _ -> new ArrayList<>()).add(target);
        }
        sources.put(result, place);
        buffers.add(place.buffer());
      }
      steps.add(new Step.Extern(algorithm.extern(), buffers, algorithm.node().span()));
    }

    /// A row-major buffer that holds `value` and nothing else.
    private Source.Place whole(Value value) {
      if (source(value) instanceof Source.Place place
          && place.prefix().isEmpty()
          && memory.isRowMajor(place.buffer())) {
        return place;
      }
      Source.Place place = memory.temporary(value);
      copy(value, place);
      return place;
    }

    private void flow(Flow flow) {
      switch (flow.node().op()) {
        case If _ -> choice(flow);
        case Scan scan -> scan(flow, scan);
        case While loop -> loop(flow, loop);
        default -> throw new CompilerBug("Lower", flow.node().op().mnemonic() + " has no regions");
      }
    }

    private void choice(Flow flow) {
      Node node = flow.node();
      Source.Place condition = whole(node.operand(0));
      List<Source.Place> places = new ArrayList<>();
      for (Value result : node.results()) {
        Source.Place target = targets.get(result);
        places.add(target != null ? target : memory.temporary(result));
      }
      List<List<Step>> sides = new ArrayList<>();
      for (Body side : flow.bodies()) {
        Map<Value, Source> given = new HashMap<>();
        for (int i = 0; i < side.region().params().size(); i++) {
          given.put(side.region().params().get(i), source(node.operand(i + 1)));
        }
        sides.add(nested(side, given, places));
      }
      steps.add(new Step.If(condition.buffer(), sides.get(0), sides.get(1)));
      for (int i = 0; i < places.size(); i++) {
        sources.put(node.result(i), places.get(i));
      }
    }

    private void scan(Flow flow, Scan scan) {
      Node node = flow.node();
      String symbol = turn();
      Dim turn = Dim.symbol(symbol);
      List<Source.Place> destinations = new ArrayList<>();
      for (int i = 0; i < node.results().size(); i++) {
        Source.Place target = targets.get(node.result(i));
        destinations.add(
            i < scan.carried()
                ? carried(node, i)
                : target != null ? target : memory.temporary(node.result(i)));
      }
      Body inner = flow.bodies().getFirst();
      Map<Value, Source> given = new HashMap<>();
      given.put(inner.region().params().getFirst(), new Source.Turn(turn));
      for (int i = 0; i < node.operands().size(); i++) {
        Source from = i < scan.carried() ? destinations.get(i) : source(node.operand(i));
        boolean walked = i >= scan.carried() && i < scan.carried() + scan.walked();
        given.put(
            inner.region().params().get(i + 1),
            walked && from instanceof Source.Place place ? place.slice(turn) : from);
      }
      for (int i = 0; i < destinations.size(); i++) {
        sources.put(node.result(i), destinations.get(i));
      }
      List<Source.Place> ends = new ArrayList<>(destinations);
      for (int i = scan.carried(); i < ends.size(); i++) {
        ends.set(i, ends.get(i).slice(turn));
      }
      steps.add(new Step.Repeat(symbol, scan.steps(), nested(inner, given, ends)));
    }

    private void loop(Flow flow, While loop) {
      Node node = flow.node();
      List<Source.Place> places = new ArrayList<>();
      for (int i = 0; i < loop.carried(); i++) {
        places.add(carried(node, i));
      }
      Source.Place condition =
          memory.temporary(Value.parameter(TensorType.of(DType.BOOL, new long[0]), "again"));
      List<List<Step>> bodies = new ArrayList<>();
      for (Body inner : flow.bodies()) {
        Map<Value, Source> given = new HashMap<>();
        for (int i = 0; i < node.operands().size(); i++) {
          given.put(
              inner.region().params().get(i),
              i < loop.carried() ? places.get(i) : source(node.operand(i)));
        }
        bodies.add(nested(inner, given, bodies.isEmpty() ? List.of(condition) : places));
      }
      for (int i = 0; i < places.size(); i++) {
        sources.put(node.result(i), places.get(i));
      }
      steps.add(new Step.While(condition.buffer(), loop.limit(), bodies.get(0), bodies.get(1)));
    }

    /// The place of a loop's carried value, with its first value in it.
    private Source.Place carried(Node node, int index) {
      Value first = node.operand(index);
      Value result = node.result(index);
      Source.@Nullable Place target = targets.get(result);
      Source from = source(first);
      if (target == null
          && from instanceof Source.Place place
          && Collections.frequency(node.operands(), first) == 1
          && onlyOperandIn(node, place)
          && dies(first)) {
        return memory.over(place.buffer(), result);
      }
      Source.Place place = target != null ? target : memory.temporary(result);
      if (!place.equals(from)) {
        copy(first, place);
      }
      return place;
    }

    private boolean onlyOperandIn(Node node, Source.Place place) {
      return node.operands().stream().filter(o -> sameMemory(o, place)).count() == 1;
    }

    private String turn() {
      String symbol = "turn";
      for (int i = 2; !symbols.add(symbol); i++) {
        symbol = "turn" + i;
      }
      turns.add(symbol);
      return symbol;
    }
  }
}
