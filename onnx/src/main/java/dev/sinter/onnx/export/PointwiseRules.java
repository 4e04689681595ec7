package dev.sinter.onnx.export;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import java.util.List;

/// Functions of elements: a row of the table where ONNX has an operator for the whole formula.
///
/// @param region where nodes go
record PointwiseRules(RegionExport region) {
  void export(Pointwise op, Node node) {
    boolean real = node.result().type().dtype().isFloat();
    switch (op) {
      case RELU -> {
        if (real) {
          operator(node, "Relu");
        } else {
          byFormula(op, node);
        }
      }
      case SIGMOID -> operator(node, "Sigmoid");
      case SOFTPLUS -> operator(node, "Softplus");
      case GELU -> operator(node, "Gelu");
      case GELU_TANH -> operator(node, "Gelu", NodeSink.attribute("approximate", "tanh"));
      case RSQRT -> {
        operator(node, "Sqrt");
        Grid root = region.carriers().load(region.grid(node.result()));
        Grid inverse = region.sink().apply("Reciprocal", root.dtype(), root);
        store(node, inverse);
      }
      default -> byFormula(op, node);
    }
  }

  private void operator(Node node, String opType, OnnxAttribute... attributes) {
    Grid x = region.carriers().load(region.grid(node.operand(0)));
    String name = region.sink().add(opType, List.of(x.name()), attributes);
    store(node, x.as(name, x.dtype()));
  }

  private void store(Node node, Grid computed) {
    DType dtype = node.result().type().dtype();
    region.define(node.result(), region.carriers().store(computed, dtype));
  }

  private void byFormula(Pointwise op, Node node) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = node.result().type().shape().stream().map(fresh::axis).toList();
    region.byElement(
        node,
        Scope.of(axes, region.facts()),
        op.define(node.operandTypes(), axes.stream().map(Axis::index).toList()));
  }
}
