package dev.sinter.passes;

import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.Reshape;
import dev.sinter.passes.FusedGraph.Algorithm;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.View;
import java.util.ArrayList;
import java.util.List;

/// Gathers the nodes of a graph into parts.
final class FuseRegions {
  private FuseRegions() {}

  /// The parts of `graph`; its composites are expanded and its gradients answered.
  static FusedGraph fuse(Graph graph) {
    return new FusedGraph(graph, body(graph.body()));
  }

  private static Body body(Region region) {
    List<Part> parts = new ArrayList<>();
    region.nodes().forEach(node -> parts.add(part(node)));
    return new Body(region, parts);
  }

  private static Part part(Node node) {
    return switch (node.op()) {
      case Reshape _ -> new View(node);
      case Pointwise _, Primitive _ -> new Group(List.of(node), node.results());
      case ControlFlow _ -> new Flow(node, node.regions().stream().map(FuseRegions::body).toList());
      case Extern extern -> new Algorithm(node, extern);
      case Composite _, Gradient _ ->
          throw new CompilerBug("FuseRegions", node.op().mnemonic() + " is left in the graph");
    };
  }
}
