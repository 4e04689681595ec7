package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Repeats a tensor along new axes: axis `i` of the operand is axis `axes[i]` of the result.
///
/// @param axes for each axis of the operand its place in the result, ascending
/// @param shape the result's sizes; at `axes[i]` that of the operand's axis `i`
public record Broadcast(List<Integer> axes, List<Dim> shape) implements Primitive {
  public Broadcast {
    axes = List.copyOf(axes);
    shape = List.copyOf(shape);
  }

  /// Adds a broadcast of `reduced` to the shape of `like`, whose axes `added` it lacks.
  public static Value over(GraphBuilder b, Value reduced, List<Integer> added, Value like) {
    List<Integer> axes =
        IntStream.range(0, like.type().rank()).boxed().filter(i -> !added.contains(i)).toList();
    return added.isEmpty() ? reduced : b.add(new Broadcast(axes, like.type().shape()), reduced);
  }

  @Override
  public String mnemonic() {
    return "broadcast";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    boolean fits = x.rank() == axes.size();
    for (int i = 0; fits && i < axes.size(); i++) {
      int axis = axes.get(i);
      fits =
          axis > (i == 0 ? -1 : axes.get(i - 1))
              && axis < shape.size()
              && x.dim(i).equals(shape.get(axis));
    }
    if (!fits) {
      throw new OpException("broadcast of " + x + " to " + shape + " along " + axes);
    }
    return List.of(x.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return Elem.read(0, axes.stream().map(at::get).toList());
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    List<Integer> added = new ArrayList<>(IntStream.range(0, shape.size()).boxed().toList());
    added.removeAll(axes);
    return Collections.singletonList(
        added.isEmpty() ? dy.getFirst() : Reduce.of(b, Reducer.SUM, added, dy.getFirst()));
  }
}
