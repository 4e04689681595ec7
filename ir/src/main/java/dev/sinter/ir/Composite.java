package dev.sinter.ir;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An op that stands for a graph of simpler ops, which gives it its meaning.
///
/// A target that has a schedule for the op keeps it whole; elsewhere it is inlined. The
/// implementations are records in `dev.sinter.ir.op`.
public sealed interface Composite extends Op
    permits dev.sinter.ir.op.Argmax,
        dev.sinter.ir.op.Attention,
        dev.sinter.ir.op.AttentionGrad,
        dev.sinter.ir.op.Call,
        dev.sinter.ir.op.CrossEntropy,
        dev.sinter.ir.op.LayerNorm,
        dev.sinter.ir.op.LogSoftmax,
        dev.sinter.ir.op.LogSumExp,
        dev.sinter.ir.op.RmsNorm,
        dev.sinter.ir.op.Softmax {
  /// Builds what the op stands for and answers the results.
  ///
  /// @param operands values that `b` may use
  /// @param regions the node's regions
  List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions);

  @Override
  default List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params = operands.stream().map(t -> b.parameter(t, "")).toList();
    return expand(b, params, regions).stream().map(Value::type).toList();
  }

  /// By default the derivative of the expansion.
  @Override
  default List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return ReverseMode.throughExpansion(b, this, node, dy);
  }
}
