package dev.sinter.onnx.export;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Contractions;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvFilter;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.DynamicSlice;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.FoldKey;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Interleave;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.PoolArgmax;
import dev.sinter.ir.op.PoolGrad;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.op.WinogradFilter;
import dev.sinter.ir.op.WinogradInput;
import dev.sinter.ir.op.WinogradOutput;
import java.util.List;
import java.util.Optional;

/// Which operator a primitive becomes. What has none of its own, or does not fit the one it has, is
/// exported by its definition.
///
/// @param region where nodes go
record PrimitiveRules(RegionExport region) {
  void export(Primitive primitive, Node node) {
    LayoutRules layouts = new LayoutRules(region);
    boolean done =
        switch (primitive) {
          case Broadcast op -> layouts.broadcast(op, node);
          case Concat op -> layouts.concat(op, node);
          case Constant op -> layouts.constant(op, node);
          case DynamicSlice op -> layouts.dynamicSlice(op, node);
          case Fill op -> layouts.fill(op, node);
          case Gather op -> layouts.gather(op, node);
          case Pad op -> layouts.pad(op, node);
          case Reshape op -> layouts.reshape(op, node);
          case Slice op -> layouts.slice(op, node);
          case Transpose op -> layouts.transpose(op, node);
          case Reduce op -> new SumRules(region).reduce(op, node);
          case Cumulative op -> new SumRules(region).cumulative(op, node);
          case Contract op -> new SumRules(region).contract(op, node);
          case Conv op -> new WindowRules(region).conv(op, node);
          case ConvInput op -> new WindowRules(region).convInput(op, node);
          case Pool op -> new WindowRules(region).pool(op, node);
          case Comprehension op -> contractions(op, node);
          case Accumulate op -> new ScatterRules(region).accumulate(op, node);
          case Scatter op -> new ScatterRules(region).scatter(op, node);
          case Cast _,
              ConvFilter _,
              FoldKey _,
              Interleave _,
              Iota _,
              PoolArgmax _,
              PoolGrad _,
              RandomBits _,
              UpdateSlice _,
              WinogradFilter _,
              WinogradInput _,
              WinogradOutput _ ->
              false;
        };
    if (!done) {
      region.byDefinition(primitive, node);
    }
  }

  /// Products of matrices in index notation become such.
  private boolean contractions(Comprehension op, Node node) {
    GraphBuilder b = new GraphBuilder();
    node.operands().forEach(b::parameter);
    Optional<Value> raised =
        Contractions.raised(b, op.axes(), op.body(), node.operands(), node.name());
    raised.ifPresent(value -> region.instead(node, b, List.of(value)));
    return raised.isPresent();
  }
}
