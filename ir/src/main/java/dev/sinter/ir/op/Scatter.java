package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Zeros, and slices added to them along one axis at the places that a tensor of indices names: the
/// derivative of [Gather]. Slices that go to one place are summed.
///
/// Operands: the indices and the slices, which have the indices' axes in the place of the axis. An
/// index outside the axis is moved to its nearest end. The definition looks at every slice for each
/// place; a kernel adds each slice where it belongs.
///
/// @param axis the axis along which slices are added
/// @param size the size of that axis of the result
public record Scatter(int axis, Dim size) implements Primitive {
  @Override
  public String mnemonic() {
    return "scatter";
  }

  @Override
  public Kind kind() {
    return Kind.SCATTER;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType indices = operands.get(0);
    TensorType slices = operands.get(1);
    int after = axis + indices.rank();
    if (axis < 0
        || after > slices.rank()
        || !indices.dtype().isInteger()
        || !slices.shape().subList(axis, after).equals(indices.shape())) {
      throw new OpException(
          "scatter of " + slices + " along axis " + axis + " by indices " + indices);
    }
    List<Dim> shape = new ArrayList<>(slices.shape().subList(0, axis));
    shape.add(size);
    shape.addAll(slices.shape().subList(after, slices.rank()));
    return List.of(slices.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType indices = operands.get(0);
    DType dtype = operands.get(1).dtype();
    List<Axis> axes = indices.shape().stream().map(fresh::axis).toList();
    List<Dim> place = axes.stream().map(Axis::index).toList();
    List<Dim> source = new ArrayList<>(at);
    source.remove(axis);
    source.addAll(axis, place);
    Elem hit =
        Elem.call(
            ScalarFn.EQ,
            Elem.clamp(Elem.read(0, place), indices.dtype(), size.minus(1)),
            new Elem.IndexValue(Elem.indexType(indices.dtype()), at.get(axis)));
    Elem part = Elem.select(List.of(hit), Elem.read(1, source), Elem.literal(dtype, 0.0));
    return axes.isEmpty() ? part : new Elem.Reduce(Reducer.SUM, dtype.compute(), axes, part);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return Arrays.asList(
        null, b.add(new Gather(axis), Objects.requireNonNull(dy.getFirst()), node.operand(0)));
  }
}
