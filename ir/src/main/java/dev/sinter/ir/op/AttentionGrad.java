package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.List;

/// The derivative of [Attention] by queries, keys and values.
///
/// Operands: those of the attention, then its second result, then for each query `sum(dy * y)` less
/// the second result's cotangent, then `dy`. Results: the cotangents of `q`, `k` and `v`.
///
/// @param causal as in [Attention]
/// @param masked as in [Attention]
/// @param scale as in [Attention]
public record AttentionGrad(boolean causal, boolean masked, double scale) implements Composite {
  @Override
  public String mnemonic() {
    return "attention_grad";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    List<Value> forward = operands.subList(0, operands.size() - 3);
    AttentionShape shape = AttentionShape.of(this, causal, masked, forward);
    Value q = operands.get(0);
    Value k = operands.get(1);
    Value v = operands.get(2);
    DType dtype = q.type().dtype();
    Value sum = operands.get(forward.size());
    Value dot = operands.get(forward.size() + 1);
    Value dy = operands.getLast();
    Value scores = shape.scores(b, scale, forward);
    List<Integer> last = List.of(scores.type().rank() - 1);
    Value weights =
        b.add(Pointwise.EXP, b.add(Pointwise.SUB, scores, Broadcast.over(b, sum, last, scores)));
    Value dWeights = Cast.to(b, Contract.of(b, shape.dWeights(), dy, v), dtype.compute());
    Value rest = b.add(Pointwise.SUB, dWeights, Broadcast.over(b, dot, last, scores));
    Value scaled = b.add(Pointwise.MUL, weights, b.fill(weights.type(), scale));
    Value dScores = Cast.to(b, b.add(Pointwise.MUL, scaled, rest), dtype);
    return List.of(
        Contract.of(b, shape.dQuery(), dScores, k),
        Contract.of(b, shape.dKey(), dScores, q),
        Contract.of(b, shape.dValue(), Cast.to(b, weights, dtype), dy));
  }
}
