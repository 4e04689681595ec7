package dev.sinter.onnx.export;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pool;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Convolution and pooling. Each rule answers whether it fits the node.
///
/// @param region where nodes go
record WindowRules(RegionExport region) {
  private static OnnxAttribute list(String name, List<Long> values) {
    return NodeSink.attribute(name, values);
  }

  private static List<Long> both(List<Long> low, List<Long> high) {
    List<Long> both = new ArrayList<>(low);
    both.addAll(high);
    return both;
  }

  boolean conv(Conv op, Node node) {
    return convolution(
        "Conv",
        node,
        List.of(
            list("strides", op.strides()),
            list("pads", both(op.padLow(), op.padHigh())),
            list("dilations", op.dilations()),
            NodeSink.attribute("group", op.groups())));
  }

  private boolean convolution(String opType, Node node, List<OnnxAttribute> attributes) {
    if (Carriers.of(node.result().type().dtype()) != DType.F32) {
      return false;
    }
    List<String> operands =
        List.of(region.loaded(node.operand(0)).name(), region.loaded(node.operand(1)).name());
    region.define(
        node.result(),
        region.sink().add(opType, operands, attributes.toArray(new OnnxAttribute[0])));
    return true;
  }

  /// A transposed convolution, where the places that it adds at the end are known.
  boolean convInput(ConvInput op, Node node) {
    TensorType dy = node.operand(0).type();
    TensorType w = node.operand(1).type();
    List<Long> added = new ArrayList<>();
    for (int i = 0; i < op.sizes().size(); i++) {
      Dim least =
          dy.dim(i + 2)
              .minus(1)
              .times(op.strides().get(i))
              .plus(w.dim(i + 2).minus(1).times(op.dilations().get(i)))
              .plus(1)
              .minus(op.padLow().get(i) + op.padHigh().get(i));
      Dim rest = op.sizes().get(i).minus(least);
      if (!rest.isConstant() || rest.constant() < 0) {
        return false;
      }
      added.add(rest.constant());
    }
    return convolution(
        "ConvTranspose",
        node,
        List.of(
            list("strides", op.strides()),
            list("pads", both(op.padLow(), op.padHigh())),
            list("dilations", op.dilations()),
            list("output_padding", added),
            NodeSink.attribute("group", op.groups())));
  }

  boolean pool(Pool op, Node node) {
    TensorType x = node.operand(0).type();
    int leading = x.rank() - op.window().size();
    boolean padded = false;
    for (int i = 0; i < op.window().size(); i++) {
      padded |= Math.max(op.padLow().get(i), op.padHigh().get(i)) >= op.window().get(i);
    }
    // What ONNX's operators take: two axes before the window's, of which there are one to three.
    if (Carriers.of(x.dtype()) != DType.F32
        || leading != 2
        || op.window().isEmpty()
        || op.window().size() > 3
        || padded) {
      return false;
    }
    NodeSink sink = region.sink();
    List<OnnxAttribute> window =
        new ArrayList<>(
            List.of(
                list("kernel_shape", op.window()),
                list("strides", op.strides()),
                list("pads", both(op.padLow(), op.padHigh())),
                list("dilations", op.dilations())));
    List<String> in = List.of(region.loaded(node.operand(0)).name());
    if (op.reducer() == Reducer.MAX) {
      region.define(node.result(), sink.add("MaxPool", in, window.toArray(new OnnxAttribute[0])));
      return true;
    }
    window.add(NodeSink.attribute("count_include_pad", 1));
    String mean = sink.add("AveragePool", in, window.toArray(new OnnxAttribute[0]));
    long count = op.window().stream().reduce(1L, (a, b) -> a * b);
    Grid factor = sink.real(DType.F32, (double) count);
    region.define(node.result(), sink.add("Mul", List.of(mean, factor.name())));
    return true;
  }
}
