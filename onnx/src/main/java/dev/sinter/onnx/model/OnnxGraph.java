package dev.sinter.onnx.model;

import java.util.List;
import java.util.Optional;

/// Nodes in an order in which each comes after those that it reads.
///
/// @param inputs what the caller gives; one that has an initializer as well has a default
/// @param outputs what the caller gets
/// @param initializers constants by name
/// @param values types of values inside, as far as the file says them
public record OnnxGraph(
    String name,
    List<OnnxNode> nodes,
    List<ValueInfo> inputs,
    List<ValueInfo> outputs,
    List<OnnxTensor> initializers,
    List<ValueInfo> values) {
  public OnnxGraph {
    nodes = List.copyOf(nodes);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    initializers = List.copyOf(initializers);
    values = List.copyOf(values);
  }

  /// A value's name and type.
  ///
  /// @param type the type, unless the file leaves it out
  public record ValueInfo(String name, Optional<ValueType> type) {}

  /// A type of values.
  ///
  /// @param kind `tensor`, or what else the value is
  /// @param elementType the number of the element type in [OnnxTypes]
  /// @param shape the sizes, unless even their number is unknown
  public record ValueType(String kind, int elementType, Optional<List<Size>> shape) {}

  /// A size: a number, or a name, or neither.
  public record Size(Optional<Long> value, Optional<String> name) {}
}
