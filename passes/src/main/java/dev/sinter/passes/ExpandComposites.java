package dev.sinter.passes;

import dev.sinter.ir.Composite;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Puts what each composite stands for in its place, in nested regions too. The CPU has no schedule
/// for a composite as a whole: fusion makes one kernel of the parts of most.
final class ExpandComposites {
  private ExpandComposites() {}

  static Graph expand(Graph graph) {
    return graph.withBody(expand(graph.body()));
  }

  private static Region expand(Region region) {
    GraphBuilder b = new GraphBuilder();
    Map<Value, Value> map = new HashMap<>();
    for (Value param : region.params()) {
      map.put(param, b.parameter(param.type(), param.name()));
    }
    expand(region.nodes(), b, map);
    return b.region(region.results().stream().map(v -> of(map, v)).toList());
  }

  private static void expand(List<Node> nodes, GraphBuilder b, Map<Value, Value> map) {
    for (Node node : nodes) {
      List<Value> operands = node.operands().stream().map(v -> of(map, v)).toList();
      Span before = b.at(node.span());
      List<Value> results;
      if (node.op() instanceof Composite composite) {
        // The expansion is built apart, since it may hold composites itself.
        GraphBuilder inner = new GraphBuilder();
        List<Value> params =
            operands.stream().map(v -> inner.parameter(v.type(), v.name())).toList();
        Region body = inner.region(composite.expand(inner, params, node.regions()));
        Map<Value, Value> local = new HashMap<>();
        for (int i = 0; i < params.size(); i++) {
          local.put(params.get(i), operands.get(i));
        }
        expand(body.nodes(), b, local);
        results = body.results().stream().map(v -> of(local, v)).toList();
      } else {
        List<Region> regions = node.regions().stream().map(ExpandComposites::expand).toList();
        String name = node.results().isEmpty() ? "" : node.result(0).name();
        results = b.add(node.op(), operands, regions, name).results();
      }
      b.at(before);
      for (int i = 0; i < results.size(); i++) {
        map.put(node.result(i), results.get(i));
      }
    }
  }

  private static Value of(Map<Value, Value> map, Value value) {
    return Objects.requireNonNull(map.get(value));
  }
}
