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
import org.jspecify.annotations.Nullable;

/// The place of the largest element along one axis, which the result no longer has; of several, the
/// first; of any that are NaN, the first NaN.
///
/// @param axis the axis
/// @param dtype the type of the places: `i32` or `i64`
public record Argmax(int axis, DType dtype) implements Composite {
  @Override
  public String mnemonic() {
    return "argmax";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    Value x = operands.getFirst();
    OpException.checkAxis(this, x.type(), axis);
    Value max = Broadcast.over(b, Reduce.of(b, Reducer.MAX, List.of(axis), x), List.of(axis), x);
    Value hit = b.add(Pointwise.EQ, x, max);
    if (x.type().dtype().isFloat()) {
      hit = b.add(Pointwise.OR, hit, b.add(Pointwise.IS_NAN, x));
    }
    Value place = b.add(new Iota(dtype, axis, x.type().shape()));
    Value none = b.fill(Reducer.MIN.identity(dtype), x.type().shape());
    Value places = b.add(Pointwise.SELECT, hit, place, none);
    return List.of(Reduce.of(b, Reducer.MIN, List.of(axis), places));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return Collections.singletonList(null);
  }
}
