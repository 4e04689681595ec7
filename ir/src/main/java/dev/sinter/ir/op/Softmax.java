package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `exp(x - max) / sum(exp(x - max))` along one axis.
///
/// @param axis the axis
public record Softmax(int axis) implements Composite {
  @Override
  public String mnemonic() {
    return "softmax";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    Value x = Cast.to(b, operands.getFirst(), operands.getFirst().type().dtype().compute());
    Value max = Reduce.of(b, Reducer.MAX, List.of(axis), x);
    Value e =
        b.add(Pointwise.EXP, b.add(Pointwise.SUB, x, Broadcast.over(b, max, List.of(axis), x)));
    Value sum = Reduce.of(b, Reducer.SUM, List.of(axis), e);
    Value share = b.add(Pointwise.DIV, b.fill(sum.type(), 1), sum);
    Value y = b.add(Pointwise.MUL, e, Broadcast.over(b, share, List.of(axis), x));
    return List.of(Cast.to(b, y, operands.getFirst().type().dtype()));
  }

  /// `y * (dy - sum(dy * y))`.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value y = node.result();
    Value d = Objects.requireNonNull(dy.getFirst());
    Value dot = Reduce.of(b, Reducer.SUM, List.of(axis), b.add(Pointwise.MUL, d, y));
    Value rest = b.add(Pointwise.SUB, d, Broadcast.over(b, dot, List.of(axis), y));
    return Collections.singletonList(b.add(Pointwise.MUL, y, rest));
  }
}
