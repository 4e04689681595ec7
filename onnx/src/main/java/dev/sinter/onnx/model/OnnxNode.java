package dev.sinter.onnx.model;

import java.util.List;
import java.util.Map;

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
}
