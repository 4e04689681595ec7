package dev.sinter.onnx.export;

import dev.sinter.ir.Composite;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.AttentionGrad;
import dev.sinter.ir.op.Call;
import dev.sinter.ir.op.CrossEntropy;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.LogSumExp;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Softmax;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Composites that ONNX has an operator for; the others are exported as what they stand for.
///
/// @param region where nodes go
record CompositeRules(RegionExport region) {
  void export(Composite composite, Node node) {
    boolean done =
        switch (composite) {
          case Softmax(int axis) -> along("Softmax", axis, node);
          case LogSoftmax(int axis) -> along("LogSoftmax", axis, node);
          case LayerNorm(List<Integer> axes, double eps) ->
              node.operands().size() > 1 && norm("LayerNormalization", axes, eps, node);
          case RmsNorm(List<Integer> axes, double eps) ->
              node.operands().size() > 1 && norm("RMSNormalization", axes, eps, node);
          case Argmax _, Attention _, AttentionGrad _, Call _, CrossEntropy _, LogSumExp _ -> false;
        };
    if (!done) {
      GraphBuilder b = new GraphBuilder();
      node.operands().stream().distinct().forEach(b::parameter);
      region.instead(node, b, composite.expand(b, node.operands(), node.regions()));
    }
  }

  private boolean along(String opType, int axis, Node node) {
    Grid x = region.loaded(node.operand(0));
    region.define(
        node.result(),
        region.sink().add(opType, List.of(x.name()), NodeSink.attribute("axis", axis)));
    return true;
  }

  /// ONNX's operators normalise all axes from one on.
  private boolean norm(String opType, List<Integer> axes, double eps, Node node) {
    TensorType x = node.operand(0).type();
    int first = x.rank() - axes.size();
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i) != first + i || !region.facts().atLeast(x.dim(axes.get(i)), Dim.ONE)) {
        return false;
      }
    }
    if (axes.isEmpty() || Carriers.of(x.dtype()) != DType.F32) {
      return false;
    }
    List<String> inputs = new ArrayList<>();
    node.operands().forEach(operand -> inputs.add(region.loaded(operand).name()));
    OnnxAttribute[] attributes = {
      NodeSink.attribute("axis", first), NodeSink.attribute("epsilon", (float) eps)
    };
    region.define(node.result(), region.sink().add(opType, inputs, attributes));
    return true;
  }
}
