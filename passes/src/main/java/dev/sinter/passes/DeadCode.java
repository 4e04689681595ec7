package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Drops nodes whose results nobody reads, and those that tell sizes which nobody needs.
public final class DeadCode {
  private DeadCode() {}

  /// `graph` without them; itself, where there are none.
  public static Graph remove(Graph graph) {
    Region body = remove(graph.body());
    return body.equals(graph.body()) ? graph : graph.withBody(body);
  }

  private static Region remove(Region region) {
    Set<Value> read = new HashSet<>(region.results());
    Set<String> sizes = new HashSet<>();
    boolean tells = region.nodes().stream().anyMatch(node -> node.op() instanceof RuntimeSize);
    List<Node> nodes = new ArrayList<>();
    for (Node node : region.nodes().reversed()) {
      boolean needed =
          node.op() instanceof RuntimeSize size
              ? sizes.contains(size.symbol())
              : node.results().stream().anyMatch(read::contains);
      if (needed) {
        nodes.addFirst(node);
        read.addAll(node.operands());
        sizes.addAll(tells ? node.sizes() : Set.of());
      }
    }
    return nodes.size() == region.nodes().size()
        ? region
        : new Region(region.params(), nodes, region.results());
  }
}
