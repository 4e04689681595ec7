package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `x - logsumexp(x)` along one axis: the logarithm of [Softmax].
///
/// @param axis the axis
public record LogSoftmax(int axis) implements Composite {
  @Override
  public String mnemonic() {
    return "log_softmax";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    DType dtype = operands.getFirst().type().dtype();
    Value x = Cast.to(b, operands.getFirst(), dtype.compute());
    Value sum = b.add(new LogSumExp(axis), x);
    Value y = b.add(Pointwise.SUB, x, Broadcast.over(b, sum, List.of(axis), x));
    return List.of(Cast.to(b, y, dtype));
  }

  /// `dy - exp(y) * sum(dy)`.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value y = node.result();
    Value d = Objects.requireNonNull(dy.getFirst());
    Value sum = Broadcast.over(b, Reduce.of(b, Reducer.SUM, List.of(axis), d), List.of(axis), y);
    Value share = b.add(Pointwise.MUL, b.add(Pointwise.EXP, y), sum);
    return Collections.singletonList(b.add(Pointwise.SUB, d, share));
  }
}
