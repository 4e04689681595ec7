package dev.sinter.onnx;

import dev.sinter.ir.Dim;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxNode;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Sizes that follow from those declared for later values: a file often declares only the outputs
/// of a graph, and what goes through functions of one element has had their sizes before.
final class SameSizes {
  private static final Set<String> OPERATORS =
      Set.of(
          "Abs",
          "Cast",
          "CastLike",
          "Ceil",
          "Erf",
          "Exp",
          "Floor",
          "Identity",
          "Log",
          "Neg",
          "Not",
          "Reciprocal",
          "Relu",
          "Round",
          "Sigmoid",
          "Sign",
          "Softmax",
          "LogSoftmax",
          "Sqrt",
          "Tanh");

  private SameSizes() {}

  /// Adds to `declared` what follows from it.
  static void spread(OnnxGraph graph, Map<String, List<Dim>> declared) {
    for (OnnxNode node : graph.nodes().reversed()) {
      boolean same =
          OPERATORS.contains(node.opType())
              && node.domain().isEmpty()
              && !node.inputs().isEmpty()
              && !node.outputs().isEmpty();
      List<Dim> sizes = same ? declared.get(node.outputs().getFirst()) : null;
      if (sizes != null) {
        declared.putIfAbsent(node.inputs().getFirst(), sizes);
      }
    }
  }
}
