package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Computes what two nodes compute from the same operands once; ops have no effects, so any two
/// equal ones do. Inside regions too, but not across their borders.
final class CommonSubexpressions {
  private CommonSubexpressions() {}

  private record Key(Op op, List<Value> operands) {}

  static Graph merge(Graph graph) {
    Region body = merge(graph.body());
    return body.equals(graph.body()) ? graph : graph.withBody(body);
  }

  private static Region merge(Region region) {
    Map<Value, Value> map = new HashMap<>();
    Map<Key, Node> known = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : region.nodes()) {
      List<Value> operands = of(map, node.operands());
      List<Region> regions = node.regions().stream().map(CommonSubexpressions::merge).toList();
      boolean same = operands.equals(node.operands()) && regions.equals(node.regions());
      Node now = same ? node : new Node(node.op(), operands, regions, node.name(), node.span());
      Node before = regions.isEmpty() ? known.putIfAbsent(new Key(node.op(), operands), now) : null;
      if (before == null) {
        nodes.add(now);
      }
      for (int i = 0; i < node.results().size(); i++) {
        map.put(node.result(i), (before == null ? now : before).result(i));
      }
    }
    return nodes.equals(region.nodes())
        ? region
        : new Region(region.params(), nodes, of(map, region.results()));
  }

  private static List<Value> of(Map<Value, Value> map, List<Value> values) {
    return values.stream().map(v -> map.getOrDefault(v, v)).toList();
  }
}
