package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Tensors one after the other along an axis; their other sizes are equal.
///
/// @param axis the axis along which they follow one another
public record Concat(int axis) implements Primitive {
  @Override
  public String mnemonic() {
    return "concat";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, Integer.MAX_VALUE);
    TensorType first = operands.getFirst();
    OpException.checkAxis(this, first, axis);
    List<Dim> shape = new ArrayList<>(first.shape());
    Dim sum = Dim.ZERO;
    for (TensorType operand : operands) {
      if (operand.rank() != first.rank()) {
        throw new OpException("concat of " + operands + ", which have different ranks");
      }
      sum = sum.plus(operand.dim(axis));
      shape.set(axis, operand.dim(axis));
      if (!operand.equals(first.withShape(shape))) {
        throw new OpException(
            "concat along axis "
                + axis
                + " of "
                + first
                + " and "
                + operand
                + ", which differ in more than that axis");
      }
    }
    shape.set(axis, sum);
    return List.of(first.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Dim end = Dim.ZERO;
    for (TensorType operand : operands) {
      end = end.plus(operand.dim(axis));
    }
    Elem elem = null;
    for (int i = operands.size() - 1; i >= 0; i--) {
      Dim start = end.minus(operands.get(i).dim(axis));
      List<Dim> index = new ArrayList<>(at);
      index.set(axis, at.get(axis).minus(start));
      Elem read = Elem.read(i, index);
      elem =
          elem == null
              ? read
              : Elem.call(
                  ScalarFn.SELECT,
                  Elem.call(
                      ScalarFn.LT,
                      new Elem.IndexValue(DType.I64, at.get(axis)),
                      new Elem.IndexValue(DType.I64, end)),
                  read,
                  elem);
      end = start;
    }
    return Objects.requireNonNull(elem);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    List<@Nullable Value> out = new ArrayList<>();
    Dim start = Dim.ZERO;
    for (Value operand : node.operands()) {
      Dim size = operand.type().dim(axis);
      out.add(Slice.of(b, Objects.requireNonNull(dy.getFirst()), axis, start, size));
      start = start.plus(size);
    }
    return out;
  }
}
