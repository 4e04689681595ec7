package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `log(sum(exp(x)))` along one axis, which the result no longer has; stable, and -inf where all
/// elements are.
///
/// @param axis the axis
public record LogSumExp(int axis) implements Composite {
  @Override
  public String mnemonic() {
    return "log_sum_exp";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    DType dtype = operands.getFirst().type().dtype();
    OpException.checkAxis(this, operands.getFirst().type(), axis);
    Value x = Cast.to(b, operands.getFirst(), dtype.compute());
    Value max = Reduce.of(b, Reducer.MAX, List.of(axis), x);
    // An infinite maximum would give inf - inf.
    Value isFinite =
        b.add(
            Pointwise.LT, b.add(Pointwise.ABS, max), b.fill(max.type(), Double.POSITIVE_INFINITY));
    Value shift = b.add(Pointwise.SELECT, isFinite, max, b.fill(max.type(), 0));
    Value e =
        b.add(Pointwise.EXP, b.add(Pointwise.SUB, x, Broadcast.over(b, shift, List.of(axis), x)));
    Value sum = Reduce.of(b, Reducer.SUM, List.of(axis), e);
    Value y = b.add(Pointwise.ADD, b.add(Pointwise.LOG, sum), shift);
    return List.of(Cast.to(b, y, dtype));
  }

  /// `dy * exp(x - y)`.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value x = node.operand(0);
    Value y = Broadcast.over(b, node.result(), List.of(axis), x);
    Value d = Broadcast.over(b, Objects.requireNonNull(dy.getFirst()), List.of(axis), x);
    Value share = b.add(Pointwise.EXP, b.add(Pointwise.SUB, x, y));
    return Collections.singletonList(b.add(Pointwise.MUL, d, share));
  }
}
