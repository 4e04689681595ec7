package dev.sinter.passes;

import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.ir.op.WinogradFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Takes what is known once the weights are loaded out of a model's entries, into one graph that
/// runs when the model is: its results are weights like any other to the entries, which share them.
///
/// A result is never larger than the weights that it is made of. What only moves or repeats
/// elements is left to the kernels that read it, but for what products and loops read, which has to
/// be in memory.
final class HoistWeights {
  private final Set<String> shared;
  private final GraphBuilder load = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final Map<String, Value> byName = new HashMap<>();
  private final Map<Key, Value> made = new HashMap<>();
  private final Map<Value, String> results = new LinkedHashMap<>();

  /// What a node computes, in the graph of the load.
  private record Key(Op op, List<Value> operands, int index) {}

  /// @param shared the names of the parameters that no entry writes
  HoistWeights(Set<String> shared) {
    this.shared = shared;
  }

  /// The entry with what is known at load as a weight.
  Graph entry(Graph graph) {
    LoadTime time = new LoadTime(graph, shared);
    Map<Value, String> names = new HashMap<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      names.put(graph.input(i), graph.inputs().get(i).name());
    }
    Map<Value, String> hoisted = new LinkedHashMap<>();
    for (Node node : graph.body().nodes()) {
      if (node.results().isEmpty() || !node.results().stream().allMatch(time::isConstant)) {
        boolean whole = !node.regions().isEmpty() || FusionRole.of(node) == FusionRole.HEAVY;
        node.operands().forEach(value -> hoist(moved(value, whole, time), time, names, hoisted));
      }
    }
    graph.body().results().forEach(value -> hoist(moved(value, false, time), time, names, hoisted));
    return hoisted.isEmpty() ? graph : without(graph, hoisted);
  }

  /// The graph that makes what was hoisted so far: weights come in, and each result goes out under
  /// the name by which the entries know it.
  Optional<Graph> load() {
    if (results.isEmpty()) {
      return Optional.empty();
    }
    List<Graph.Output> outputs =
        results.values().stream().map(n -> new Graph.Output(n, Graph.Role.ARGUMENT)).toList();
    Region body = load.region(List.copyOf(results.keySet()));
    return Optional.of(new Graph("load", inputs, outputs, body, Facts.NONE));
  }

  /// The names of the filters for fast convolutions, whose transforms would enlarge an error.
  Set<String> transformed() {
    Set<String> names = new HashSet<>();
    results.forEach((value, name) -> {
      if (value.definer() != null && value.definer().op() instanceof WinogradFilter) {
        names.add(name);
      }
    });
    return names;
  }

  /// What an operand is made of by nothing but moving and repeating elements, which the kernel that
  /// reads it does on the way; loops and products read theirs `whole`, as they lie in memory.
  private static Value moved(Value value, boolean whole, LoadTime time) {
    Value core = value;
    while (core.definer() != null
        && isMovement(core.definer().op())
        && !(whole && time.isKept(core))) {
      core = core.definer().operand(0);
    }
    return core;
  }

  private void hoist(
      Value core, LoadTime time, Map<Value, String> names, Map<Value, String> hoisted) {
    if (core.definer() == null || hoisted.containsKey(core)) {
      return;
    }
    if (time.isKept(core)) {
      Value largest =
          time.weightsOf(core).stream()
              .max(
                  Comparator.comparingLong(LoadTime::elements)
                      .thenComparing(
                          w -> Objects.requireNonNull(names.get(w)), Comparator.reverseOrder()))
              .orElseThrow();
      String name = Objects.requireNonNull(names.get(largest));
      hoisted.put(core, result(copy(core, names), name));
    }
  }

  private static boolean isMovement(Op op) {
    return op instanceof Broadcast
        || op instanceof Transpose
        || op instanceof Reshape
        || op instanceof Slice
        || op instanceof Pad;
  }

  private String result(Value value, String weight) {
    return results.computeIfAbsent(
        value,
        v -> {
          String name = weight + "'";
          while (results.containsValue(name)) {
            name += "'";
          }
          return name;
        });
  }

  /// The same value in the graph of the load.
  private Value copy(Value value, Map<Value, String> names) {
    Node node = value.definer();
    if (node == null) {
      String name = Objects.requireNonNull(names.get(value));
      return byName.computeIfAbsent(
          name,
          n -> {
            inputs.add(new Graph.Input(n, Graph.Role.WEIGHT));
            return load.parameter(value.type(), n);
          });
    }
    List<Value> operands = node.operands().stream().map(v -> copy(v, names)).toList();
    Key key = new Key(node.op(), operands, value.index());
    Value before = made.get(key);
    if (before == null) {
      load.at(node.span());
      Node added = load.add(node.op(), operands, List.of(), value.name());
      for (int i = 0; i < added.results().size(); i++) {
        made.put(new Key(node.op(), operands, i), added.result(i));
      }
      before = added.result(value.index());
    }
    return before;
  }

  private Graph without(Graph graph, Map<Value, String> hoisted) {
    Map<Value, Value> map = new HashMap<>();
    Map<Value, String> added = new LinkedHashMap<>();
    Map<String, Value> once = new HashMap<>();
    hoisted.forEach((value, name) -> {
      Value parameter = once.computeIfAbsent(name, n -> Value.parameter(value.type(), n));
      map.put(value, parameter);
      added.put(parameter, name);
    });
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.body().nodes()) {
      List<Value> operands = of(map, node.operands());
      Node now =
          operands.equals(node.operands())
              ? node
              : new Node(node.op(), operands, node.regions(), node.name(), node.span());
      nodes.add(now);
      for (int i = 0; i < node.results().size(); i++) {
        map.putIfAbsent(node.result(i), now.result(i));
      }
    }
    List<Value> results = of(map, graph.body().results());
    List<Value> params = new ArrayList<>(graph.body().params());
    params.addAll(added.keySet());
    List<Graph.Input> all = new ArrayList<>(graph.inputs());
    added.values().forEach(name -> all.add(new Graph.Input(name, Graph.Role.WEIGHT)));
    Graph whole =
        new Graph(
            graph.name(), all, graph.outputs(), new Region(params, nodes, results), graph.facts());
    return read(DeadCode.remove(whole));
  }

  /// The graph without shared weights that nobody reads any more.
  private Graph read(Graph graph) {
    Set<Value> read = new HashSet<>(graph.body().results());
    graph.body().nodes().forEach(node -> read.addAll(node.operands()));
    List<Graph.Input> kept = new ArrayList<>();
    List<Value> params = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      if (!shared.contains(input.name())
          || input.role() != Graph.Role.WEIGHT
          || read.contains(graph.input(i))) {
        kept.add(input);
        params.add(graph.input(i));
      }
    }
    Region body = new Region(params, graph.body().nodes(), graph.body().results());
    return new Graph(graph.name(), kept, graph.outputs(), body, graph.facts());
  }

  private static List<Value> of(Map<Value, Value> map, List<Value> values) {
    return values.stream().map(v -> map.getOrDefault(v, v)).toList();
  }
}
