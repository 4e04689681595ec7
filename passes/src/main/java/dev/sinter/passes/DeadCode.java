package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Drops nodes whose results nobody reads.
public final class DeadCode {
  private DeadCode() {}

  /// `graph` without them; itself, where there are none.
  public static Graph remove(Graph graph) {
    Region body = remove(graph.body());
    return body.equals(graph.body()) ? graph : graph.withBody(body);
  }

  private static Region remove(Region region) {
    Set<Value> read = new HashSet<>(region.results());
    List<Node> nodes = new ArrayList<>();
    for (Node node : region.nodes().reversed()) {
      if (node.results().stream().anyMatch(read::contains)) {
        nodes.addFirst(node);
        read.addAll(node.operands());
      }
    }
    return nodes.size() == region.nodes().size()
        ? region
        : new Region(region.params(), nodes, region.results());
  }
}
