package dev.sinter.testkit;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.ir.Verifier;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Makes a graph that shows a fault smaller, as long as it still shows it: fewer outputs, outputs
/// from earlier on, and nodes whose results become inputs.
public final class Shrinking {
  private Shrinking() {}

  /// The smallest sample found for which `fails` still holds; it holds for `sample`.
  public static RandomGraphs.Sample shrink(
      RandomGraphs.Sample sample, Predicate<RandomGraphs.Sample> fails) {
    RandomGraphs.Sample smallest = sample;
    boolean progress = true;
    while (progress) {
      progress = false;
      for (Supplier<RandomGraphs.Sample> candidate : candidates(smallest)) {
        RandomGraphs.Sample smaller = candidate.get();
        if (isSound(smaller) && fails.test(smaller)) {
          smallest = smaller;
          progress = true;
          break;
        }
      }
    }
    return smallest;
  }

  private static boolean isSound(RandomGraphs.Sample sample) {
    try {
      new Verifier("Shrinking", true).verify(sample.graph());
      bindings(sample);
      return true;
    } catch (CompilerBug | ShapeException e) {
      // A shape whose symbols nothing else tells does not say what they are.
      return false;
    }
  }

  private static List<Supplier<RandomGraphs.Sample>> candidates(RandomGraphs.Sample sample) {
    List<Supplier<RandomGraphs.Sample>> out = new ArrayList<>();
    Graph graph = sample.graph();
    if (graph.outputs().size() > 1) {
      for (int i = 0; i < graph.outputs().size(); i++) {
        int only = i;
        out.add(() -> withOutputs(sample, List.of(only)));
      }
      for (int i = 0; i < graph.outputs().size(); i++) {
        List<Integer> others = new ArrayList<>();
        for (int j = 0; j < graph.outputs().size(); j++) {
          if (j != i) {
            others.add(j);
          }
        }
        out.add(() -> withOutputs(sample, others));
      }
    }
    if (graph.inputs().stream().anyMatch(i -> i.role() != Graph.Role.ARGUMENT)) {
      out.add(() -> plain(sample));
    }
    // What the last nodes are made of goes out in the place of their results.
    for (int i = 0; i < graph.outputs().size(); i++) {
      Node definer = graph.output(i).definer();
      if (definer != null) {
        int output = i;
        for (Value operand : definer.operands()) {
          out.add(() -> withOutput(sample, output, operand));
        }
      }
    }
    // Operands that are nodes become inputs, then what only they needed goes.
    for (Node node : graph.body().nodes().reversed()) {
      out.add(() -> cut(sample, node));
    }
    return out;
  }

  private static RandomGraphs.Sample withOutputs(RandomGraphs.Sample sample, List<Integer> kept) {
    Graph graph = sample.graph();
    List<Graph.Output> outputs = new ArrayList<>();
    List<Value> results = new ArrayList<>();
    for (int i : kept) {
      outputs.add(graph.outputs().get(i));
      results.add(graph.output(i));
    }
    return assemble(sample, inputs(sample), graph.body().nodes(), outputs, results);
  }

  private static RandomGraphs.Sample withOutput(
      RandomGraphs.Sample sample, int output, Value value) {
    Graph graph = sample.graph();
    List<Value> results = new ArrayList<>(graph.body().results());
    results.set(output, value);
    return assemble(sample, inputs(sample), graph.body().nodes(), graph.outputs(), results);
  }

  /// The graph with everything that comes in an argument and everything that goes out a result.
  private static RandomGraphs.Sample plain(RandomGraphs.Sample sample) {
    Graph graph = sample.graph();
    List<Graph.Input> inputs = new ArrayList<>();
    for (Graph.Input input : graph.inputs()) {
      inputs.add(new Graph.Input(input.name(), Graph.Role.ARGUMENT));
    }
    List<Graph.Output> outputs = new ArrayList<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      outputs.add(new Graph.Output("p" + i, Graph.Role.ARGUMENT));
    }
    return new RandomGraphs.Sample(
        new Graph(graph.name(), inputs, outputs, graph.body(), graph.facts()), sample.inputs());
  }

  private static Map<Value, Tensor> inputs(RandomGraphs.Sample sample) {
    Map<Value, Tensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < sample.inputs().size(); i++) {
      inputs.put(sample.graph().input(i), sample.inputs().get(i));
    }
    return inputs;
  }

  /// The graph with the results of `node` as inputs.
  private static RandomGraphs.Sample cut(RandomGraphs.Sample sample, Node node) {
    Graph graph = sample.graph();
    Region before = new Region(graph.body().params(), graph.body().nodes(), node.results());
    List<Tensor> values = Interpreter.rounding().run(before, sample.inputs(), bindings(sample));
    Map<Value, Tensor> inputs = inputs(sample);
    Map<Value, Value> replaced = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      Value input = Value.parameter(node.result(i).type(), "cut");
      inputs.put(input, values.get(i));
      replaced.put(node.result(i), input);
    }
    List<Node> nodes = new ArrayList<>();
    for (Node other : graph.body().nodes()) {
      if (other != node) {
        nodes.add(copy(other, replaced));
      }
    }
    return assemble(
        sample, inputs, nodes, graph.outputs(), follow(graph.body().results(), replaced));
  }

  private static Bindings bindings(RandomGraphs.Sample sample) {
    return Bindings.of(
        sample.graph().inputs().stream().map(Graph.Input::name).toList(),
        sample.graph().body().params().stream().map(Value::type).toList(),
        sample.inputs().stream().map(Tensor::shape).toList());
  }

  /// The node over replaced values; the node itself if it uses none.
  private static Node copy(Node node, Map<Value, Value> replaced) {
    List<Value> operands = follow(node.operands(), replaced);
    if (operands.equals(node.operands())) {
      return node;
    }
    String name = node.results().isEmpty() ? "" : node.result(0).name();
    Node copy = new Node(node.op(), operands, node.regions(), name, node.span());
    for (int i = 0; i < copy.results().size(); i++) {
      replaced.put(node.result(i), copy.result(i));
    }
    return copy;
  }

  private static List<Value> follow(List<Value> values, Map<Value, Value> replaced) {
    return values.stream().map(v -> Objects.requireNonNullElse(replaced.get(v), v)).toList();
  }

  /// A sample of what the results need and nothing else.
  private static RandomGraphs.Sample assemble(
      RandomGraphs.Sample sample,
      Map<Value, Tensor> inputs,
      List<Node> nodes,
      Collection<Graph.Output> outputs,
      List<Value> results) {
    Set<Value> needed = new HashSet<>(results);
    Set<String> sizes = new HashSet<>();
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      boolean told = node.op() instanceof RuntimeSize size && sizes.contains(size.symbol());
      if (told || node.results().stream().anyMatch(needed::contains)) {
        kept.addFirst(node);
        needed.addAll(node.operands());
        sizes.addAll(node.sizes());
      }
    }
    Set<String> states = new HashSet<>();
    for (Graph.Output output : outputs) {
      if (output.role() == Graph.Role.STATE) {
        states.add(output.name());
      }
    }
    Set<String> names = new HashSet<>();
    sample.graph().inputs().forEach(input -> names.add(input.name()));
    List<Value> params = new ArrayList<>();
    List<Tensor> tensors = new ArrayList<>();
    List<Graph.Input> roles = new ArrayList<>();
    inputs.forEach((value, tensor) -> {
      int old = sample.graph().body().params().indexOf(value);
      Graph.Input before = old < 0 ? null : sample.graph().inputs().get(old);
      boolean state =
          before != null && before.role() == Graph.Role.STATE && states.contains(before.name());
      if (state || needed.contains(value)) {
        params.add(value);
        tensors.add(tensor);
        roles.add(
            before == null
                ? new Graph.Input(fresh(names), Graph.Role.ARGUMENT)
                : state || before.role() != Graph.Role.STATE
                    ? before
                    : new Graph.Input(before.name(), Graph.Role.ARGUMENT));
      }
    });
    Region body = new Region(params, kept, results);
    Graph graph =
        new Graph(sample.graph().name(), roles, List.copyOf(outputs), body, sample.graph().facts());
    return new RandomGraphs.Sample(graph, tensors);
  }

  private static String fresh(Set<String> names) {
    String name = "cut";
    for (int i = 2; !names.add(name); i++) {
      name = "cut" + i;
    }
    return name;
  }
}
