package dev.sinter.onnx.export;

import dev.sinter.ir.Graph;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;

/// Turns graphs into ONNX models.
public final class OnnxExporter {
  /// The newest operators that ONNX Runtime 1.29 reads.
  public static final long OPSET = 26;

  /// The newest form of file that it reads.
  public static final long IR_VERSION = 13;

  private OnnxExporter() {}

  /// The model that computes what `graph` does.
  ///
  /// Arguments are its inputs, results its outputs, both in their order and under their names as
  /// far as those differ. A state that it changes is one more input, and its new value one more
  /// output, `NAME.next`. Weights are constants, and so are states that it only reads. Sizes that
  /// are symbols stay open under their names.
  ///
  /// @param graph without gradients that are still to be taken
  /// @param weights the values of the graph's weights, and of its states as far as they have one
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for what ONNX has no form for
  public static OnnxModel export(Graph graph, Map<String, Tensor> weights) {
    return new OnnxModel(
        IR_VERSION,
        List.of(new OnnxModel.OperatorSet("", OPSET)),
        new GraphExport(graph, weights).graph(),
        List.of());
  }
}
