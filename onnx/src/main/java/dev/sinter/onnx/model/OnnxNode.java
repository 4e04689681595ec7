package dev.sinter.onnx.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A use of an operator.
///
/// @param name the node's own name; may be empty
/// @param domain whose operator; empty for ONNX's own
/// @param inputs names of values; an empty one is an input left out
/// @param outputs names of values; an empty one is not wanted
/// @param attributes the attributes by name
public record OnnxNode(
    String name,
    String domain,
    String opType,
    String overload,
    List<String> inputs,
    List<String> outputs,
    Map<String, OnnxAttribute> attributes) {
  public OnnxNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Map.copyOf(attributes);
  }

  /// The node with `change` done to each graph inside it.
  public OnnxNode withBodies(UnaryOperator<OnnxGraph> change) {
    Map<String, OnnxAttribute> changed = new HashMap<>(attributes);
    changed.replaceAll((key, attribute) ->
        attribute.value() instanceof OnnxAttribute.Value.Graph(OnnxGraph body)
            ? new OnnxAttribute(key, new OnnxAttribute.Value.Graph(change.apply(body)))
            : attribute);
    return new OnnxNode(name, domain, opType, overload, inputs, outputs, changed);
  }
}
