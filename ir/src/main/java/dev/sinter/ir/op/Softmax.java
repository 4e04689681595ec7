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
import java.util.stream.IntStream;
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
    Value x = operands.getFirst();
    Value max = spread(b, Reduce.of(b, Reducer.MAX, List.of(axis), x), x);
    Value e = b.add(Pointwise.EXP, b.add(Pointwise.SUB, x, max));
    Value sum = spread(b, Reduce.of(b, Reducer.SUM, List.of(axis), e), x);
    return List.of(b.add(Pointwise.DIV, e, sum));
  }

  private Value spread(GraphBuilder b, Value reduced, Value like) {
    List<Integer> places =
        IntStream.range(0, like.type().rank()).filter(i -> i != axis).boxed().toList();
    return b.add(new Broadcast(places, like.type().shape()), reduced);
  }

  /// `y * (dy - sum(dy * y))`.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value y = node.result();
    Value d = Objects.requireNonNull(dy.getFirst());
    Value dot = Reduce.of(b, Reducer.SUM, List.of(axis), b.add(Pointwise.MUL, d, y));
    return Collections.singletonList(
        b.add(Pointwise.MUL, y, b.add(Pointwise.SUB, d, spread(b, dot, y))));
  }
}
