package dev.sinter.onnx;

import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxModel.OnnxFunction;
import dev.sinter.onnx.model.OnnxNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Puts a call's attributes and inputs in place of what a function's nodes refer to.
final class FunctionBody {
  private FunctionBody() {}

  /// The node with references replaced by the caller's attributes; what the caller leaves out is
  /// left out, inputs too.
  static OnnxNode bound(
      OnnxNode node, Map<String, OnnxAttribute> given, OnnxFunction function, GraphImport values) {
    Map<String, OnnxAttribute> attributes = new HashMap<>();
    node.attributes()
        .forEach((name, attribute) -> {
          switch (attribute.value()) {
            case OnnxAttribute.Value.Reference(String other) -> {
              OnnxAttribute actual = given.get(other);
              if (actual != null) {
                attributes.put(name, new OnnxAttribute(name, actual.value()));
              }
            }
            case OnnxAttribute.Value.Graph(OnnxGraph graph) ->
                attributes.put(
                    name,
                    new OnnxAttribute(
                        name,
                        new OnnxAttribute.Value.Graph(bound(graph, given, function, values))));
            default -> attributes.put(name, attribute);
          }
        });
    List<String> inputs =
        node.inputs().stream()
            .map(i -> function.inputs().contains(i) && values.find(i).isEmpty() ? "" : i)
            .toList();
    return new OnnxNode(
        node.name(),
        node.domain(),
        node.opType(),
        node.overload(),
        inputs,
        node.outputs(),
        attributes);
  }

  private static OnnxGraph bound(
      OnnxGraph graph,
      Map<String, OnnxAttribute> given,
      OnnxFunction function,
      GraphImport values) {
    return new OnnxGraph(
        graph.name(),
        graph.nodes().stream().map(n -> bound(n, given, function, values)).toList(),
        graph.inputs(),
        graph.outputs(),
        graph.initializers(),
        graph.values());
  }
}
