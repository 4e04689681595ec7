package dev.sinter.onnx.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// The order of nodes: some converters write a node behind those that read it, which ONNX forbids
/// and ONNX Runtime takes.
final class NodeOrder {
  private final List<OnnxNode> nodes;

  /// The nodes that wait for each.
  private final List<List<Integer>> readers = new ArrayList<>();

  /// How many nodes each still waits for.
  private final int[] awaited;

  private NodeOrder(List<OnnxNode> nodes) {
    this.nodes = nodes;
    awaited = new int[nodes.size()];
    Map<String, Integer> givers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      readers.add(new ArrayList<>());
      for (String output : nodes.get(i).outputs()) {
        givers.putIfAbsent(output, i);
      }
    }
    givers.remove("");
    for (int i = 0; i < nodes.size(); i++) {
      for (String read : reads(nodes.get(i))) {
        Integer giver = givers.get(read);
        if (giver != null) {
          readers.get(giver).add(i);
          awaited[i]++;
        }
      }
    }
  }

  /// The nodes of one graph, each behind those that it reads, and else as they are. Nodes that wait
  /// for each other in a circle come last.
  static List<OnnxNode> of(List<OnnxNode> nodes) {
    return new NodeOrder(nodes).sorted();
  }

  private List<OnnxNode> sorted() {
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < awaited.length; i++) {
      if (awaited[i] == 0) {
        ready.add(i);
      }
    }
    List<OnnxNode> sorted = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      sorted.add(nodes.get(next));
      for (int reader : readers.get(next)) {
        if (--awaited[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    for (int i = 0; i < awaited.length; i++) {
      if (awaited[i] > 0) {
        sorted.add(nodes.get(i));
      }
    }
    return sorted;
  }

  /// The names that a node reads, it or the graphs inside it.
  private static Set<String> reads(OnnxNode node) {
    Set<String> reads = new HashSet<>(node.inputs());
    for (OnnxAttribute attribute : node.attributes().values()) {
      if (attribute.value() instanceof OnnxAttribute.Value.Graph(OnnxGraph body)) {
        Set<String> inside = new HashSet<>();
        body.nodes().forEach(n -> inside.addAll(reads(n)));
        body.outputs().forEach(output -> inside.add(output.name()));
        body.nodes().forEach(n -> n.outputs().forEach(inside::remove));
        body.inputs().forEach(input -> inside.remove(input.name()));
        body.initializers().forEach(tensor -> inside.remove(tensor.name()));
        reads.addAll(inside);
      }
    }
    return reads;
  }
}
