package dev.sinter.testkit;

import dev.sinter.ir.Graph;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a graph is given when it is interpreted.
public final class GraphInputs {
  private GraphInputs() {}

  /// The inputs in the graph's order: arguments in theirs, weights and states by their names.
  public static List<Tensor> of(Graph graph, List<Tensor> arguments, Map<String, Tensor> kept) {
    List<Tensor> inputs = new ArrayList<>();
    int next = 0;
    for (Graph.Input input : graph.inputs()) {
      inputs.add(
          input.role() == Graph.Role.ARGUMENT
              ? arguments.get(next++)
              : Objects.requireNonNull(kept.get(input.name()), input.name()));
    }
    return inputs;
  }
}
