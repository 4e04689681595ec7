package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Slices of a tensor along one axis, picked by a tensor of indices: rows of an embedding.
///
/// Operands: the tensor and the indices, integers of any shape. The result has the indices' axes in
/// the place of the axis. An index outside the axis is moved to its nearest end: a negative one
/// does not count from behind.
///
/// @param axis the axis along which slices are picked
public record Gather(int axis) implements Primitive {
  @Override
  public String mnemonic() {
    return "gather";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType x = operands.get(0);
    TensorType indices = operands.get(1);
    OpException.checkAxis(this, x, axis);
    if (!indices.dtype().isInteger()) {
      throw new OpException("gather by indices of type " + indices + ", which are no integers");
    }
    List<Dim> shape = new ArrayList<>(x.shape());
    shape.remove(axis);
    shape.addAll(axis, indices.shape());
    return List.of(x.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType indices = operands.get(1);
    int after = axis + indices.rank();
    Elem place =
        Elem.clamp(
            Elem.read(1, at.subList(axis, after)),
            indices.dtype(),
            operands.getFirst().dim(axis).minus(1));
    List<Index> index = new ArrayList<>(Index.of(at.subList(0, axis)));
    index.add(new Index.Computed(place));
    index.addAll(Index.of(at.subList(after, at.size())));
    return new Elem.Read(0, index);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Scatter back = new Scatter(axis, node.operand(0).type().dim(axis));
    return Arrays.asList(b.add(back, node.operand(1), Objects.requireNonNull(dy.getFirst())), null);
  }
}
