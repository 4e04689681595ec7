package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Scaled dot-product attention: `softmax(scale * q k^T + mask) v`. Source: Vaswani et al. 2017.
///
/// Operands: `q[lead..., T, K]`, `k[lead'..., S, K]`, `v[lead'..., S, D]`, where `lead` begins with
/// `lead'`: queries of the further axes share keys and values (grouped queries). Then, if `causal`,
/// an integer scalar `start`: query `t` sees the keys `s <= start + t`. Then, if `masked`, a bool
/// tensor whose shape is the tail of `[lead..., T, S]`: true where a query sees a key. A query that
/// sees none has the result NaN.
///
/// Results: `[lead..., T, D]`, and the logarithm of each softmax's denominator, `[lead..., T]`,
/// from which [AttentionGrad] computes the weights again (as Dao et al. 2022 do).
///
/// @param causal whether there is a `start`
/// @param masked whether there is a mask
/// @param scale the factor of the products
public record Attention(boolean causal, boolean masked, double scale) implements Composite {
  @Override
  public String mnemonic() {
    return "attention";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    AttentionShape shape = AttentionShape.of(this, causal, masked, operands);
    DType dtype = operands.getFirst().type().dtype();
    Value scores = shape.scores(b, scale, operands);
    int last = scores.type().rank() - 1;
    Value sum = b.add(new LogSumExp(last), scores);
    Value weights =
        b.add(
            Pointwise.EXP,
            b.add(Pointwise.SUB, scores, Broadcast.over(b, sum, List.of(last), scores)));
    Value y = Contract.of(b, shape.out(), Cast.to(b, weights, dtype), operands.get(2));
    return List.of(y, sum);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value y = node.result(0);
    Value sum = node.result(1);
    Value d = dy.get(0) == null ? b.fill(y.type(), 0) : Objects.requireNonNull(dy.get(0));
    DType wide = sum.type().dtype();
    Value dot =
        Reduce.of(
            b,
            Reducer.SUM,
            List.of(y.type().rank() - 1),
            b.add(Pointwise.MUL, Cast.to(b, d, wide), Cast.to(b, y, wide)));
    Value dSum = dy.get(1);
    List<Value> operands = new ArrayList<>(node.operands());
    operands.addAll(List.of(sum, dSum == null ? dot : b.add(Pointwise.SUB, dot, dSum), d));
    Node grad = b.add(new AttentionGrad(causal, masked, scale), operands, List.of(), "");
    List<@Nullable Value> out = new ArrayList<>(grad.results());
    node.operands().subList(3, node.operands().size()).forEach(o -> out.add(null));
    return out;
  }
}
