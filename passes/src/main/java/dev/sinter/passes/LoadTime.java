package dev.sinter.passes;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.WinogradFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What of a graph is known once the model's weights are loaded: what depends on nothing but
/// constants and on parameters that no entry writes.
final class LoadTime {
  private final Map<Value, Boolean> constant = new HashMap<>();
  private final Set<Value> weights = new HashSet<>();

  /// @param shared the names of the parameters that no entry writes
  LoadTime(Graph graph, Set<String> shared) {
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      if (input.role() == Graph.Role.WEIGHT && shared.contains(input.name())) {
        weights.add(graph.input(i));
      }
    }
    // In the order of the nodes, so that no chain of them is long to follow.
    graph.body().nodes().forEach(node -> node.results().forEach(this::isConstant));
  }

  /// The names of the parameters that `entries` read and none of them writes.
  static Set<String> shared(List<Graph> entries) {
    Set<String> names = new HashSet<>();
    for (Graph entry : entries) {
      entry.inputs().stream()
          .filter(input -> input.role() == Graph.Role.WEIGHT)
          .forEach(input -> names.add(input.name()));
    }
    names.removeAll(written(entries));
    return names;
  }

  private static Set<String> written(List<Graph> entries) {
    Set<String> names = new HashSet<>();
    for (Graph entry : entries) {
      entry.outputs().stream()
          .filter(output -> output.role() == Graph.Role.STATE)
          .forEach(output -> names.add(output.name()));
    }
    return names;
  }

  /// The entries of `model` with every state that none of them writes as a weight, which sessions
  /// share: the statistics of a batch norm, in a model that is not trained.
  static List<Graph> entries(ModelGraph model) {
    Set<String> written = written(model.entries());
    Set<String> fixed = new HashSet<>();
    for (ModelGraph.Parameter parameter : model.parameters()) {
      boolean sized = parameter.type().shape().stream().allMatch(Dim::isConstant);
      if (parameter.kind() == ModelGraph.Kind.STATE
          && sized
          && !written.contains(parameter.name())) {
        fixed.add(parameter.name());
      }
    }
    List<Graph> out = new ArrayList<>();
    for (Graph entry : model.entries()) {
      List<Graph.Input> inputs =
          entry.inputs().stream()
              .map(input ->
                  input.role() == Graph.Role.STATE && fixed.contains(input.name())
                      ? new Graph.Input(input.name(), Graph.Role.WEIGHT)
                      : input)
              .toList();
      out.add(new Graph(entry.name(), inputs, entry.outputs(), entry.body(), entry.facts()));
    }
    return out;
  }

  /// Whether `value` is known when the weights are loaded; a weight itself is. Kernels make it:
  /// what is no loop nest is left to the entries.
  boolean isConstant(Value value) {
    Boolean known = constant.get(value);
    if (known == null) {
      Node definer = value.definer();
      known =
          definer == null
              ? weights.contains(value)
              : definer.regions().isEmpty()
                  && !(definer.op() instanceof Extern)
                  && definer.operands().stream().allMatch(this::isConstant);
      constant.put(value, known);
    }
    return known;
  }

  /// Whether a node that depends on weights only has to know a size that only a call tells: it
  /// makes as many elements, or begins a slice there.
  private static boolean asksForSizes(@Nullable Node node) {
    if (node == null) {
      return false;
    }
    AxisNames fresh = new AxisNames();
    for (Value result : node.results()) {
      if (result.type().shape().stream().anyMatch(dim -> !dim.isConstant())) {
        return true;
      }
    }
    if (!(node.op() instanceof Primitive op)) {
      return false;
    }
    List<Dim> at = node.result().type().shape().stream().map(d -> fresh.axis(d).index()).toList();
    return op.define(node.operandTypes(), at, fresh).symbols().stream()
        .anyMatch(symbol -> !symbol.startsWith("%"));
  }

  /// The weights that a value known at load is made of.
  Set<Value> weightsOf(Value value) {
    Set<Value> out = new HashSet<>();
    collect(value, out, new HashSet<>());
    return out;
  }

  /// Whether `value` is worth making at load: it depends on weights, and takes no more memory than
  /// they do, unless it was enlarged to be faster.
  boolean isKept(Value value) {
    if (!isConstant(value)) {
      return false;
    }
    Set<Value> from = new HashSet<>();
    Set<Value> needed = new HashSet<>();
    collect(value, from, needed);
    if (needed.stream().map(Value::definer).anyMatch(LoadTime::asksForSizes)) {
      return false;
    }
    long room = from.stream().mapToLong(LoadTime::elements).sum();
    boolean enlarged = value.definer() != null && value.definer().op() instanceof WinogradFilter;
    return !from.isEmpty() && (enlarged || elements(value) <= room);
  }

  /// The number of elements, or more than any weight has where that is not constant.
  static long elements(Value value) {
    Dim size = value.type().size();
    return size.isConstant() ? size.constant() : Long.MAX_VALUE >> 16;
  }

  private void collect(Value value, Set<Value> out, Set<Value> seen) {
    if (!seen.add(value)) {
      return;
    }
    if (weights.contains(value)) {
      out.add(value);
    } else if (value.definer() != null) {
      value.definer().operands().forEach(operand -> collect(operand, out, seen));
    }
  }
}
