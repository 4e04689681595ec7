package dev.sinter.onnx.export;

import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Leaves out nodes and constants whose values nobody reads.
final class NeededNodes {
  private final Set<String> read = new HashSet<>();

  private NeededNodes() {}

  /// The graph without what its outputs do not need; its inputs all stay.
  static OnnxGraph of(OnnxGraph graph) {
    return new NeededNodes().needed(graph);
  }

  private OnnxGraph needed(OnnxGraph graph) {
    graph.outputs().forEach(output -> read.add(output.name()));
    List<OnnxNode> nodes = new ArrayList<>();
    for (OnnxNode node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(read::contains)) {
        read.addAll(node.inputs());
        nodes.addFirst(node.withBodies(this::needed));
      }
    }
    List<OnnxTensor> constants =
        graph.initializers().stream().filter(tensor -> read.contains(tensor.name())).toList();
    return new OnnxGraph(
        graph.name(), nodes, graph.inputs(), graph.outputs(), constants, graph.values());
  }
}
