package dev.sinter.onnx.model;

import java.util.List;

/// An ONNX file: a graph, and what its operators mean.
///
/// Names and numbers are those of `onnx.proto3` (ONNX 1.22); what has no meaning for inference, as
/// documentation and metadata, is not kept.
///
/// @param irVersion the version of the file format
/// @param opsets which version of each domain's operators the graph uses
/// @param graph the graph
/// @param functions operators that the file defines itself
public record OnnxModel(
    long irVersion, List<OperatorSet> opsets, OnnxGraph graph, List<OnnxFunction> functions) {
  public OnnxModel {
    opsets = List.copyOf(opsets);
    functions = List.copyOf(functions);
  }

  /// A domain's operators as of `version`; the default domain is empty or `ai.onnx`.
  public record OperatorSet(String domain, long version) {}

  /// An operator as a graph of others.
  ///
  /// @param inputs the formal inputs; a node that calls may leave out the last ones
  /// @param attributes the names of attributes without a default
  /// @param defaults attributes with their defaults
  public record OnnxFunction(
      String domain,
      String name,
      String overload,
      List<String> inputs,
      List<String> outputs,
      List<String> attributes,
      List<OnnxAttribute> defaults,
      List<OnnxNode> nodes,
      List<OperatorSet> opsets) {
    public OnnxFunction {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      attributes = List.copyOf(attributes);
      defaults = List.copyOf(defaults);
      nodes = List.copyOf(nodes);
      opsets = List.copyOf(opsets);
    }
  }
}
