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
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Neighbours along one axis from a place that is known at run time only.
///
/// Operands: the tensor, and the start, an integer scalar, which is moved into `0 .. n - size`.
///
/// @param axis the axis that is cut
/// @param size how many places are taken
public record DynamicSlice(int axis, Dim size) implements Primitive {
  @Override
  public String mnemonic() {
    return "dynamic_slice";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType x = operands.getFirst();
    OpException.checkAxis(this, x, axis);
    checkStart(this, operands.get(1));
    Dim rest = x.dim(axis).minus(size);
    if (rest.isConstant() && rest.constant() < 0) {
      throw new OpException("a slice of " + size + " places of axis " + axis + " of " + x);
    }
    List<Dim> shape = new ArrayList<>(x.shape());
    shape.set(axis, size);
    return List.of(x.withShape(shape));
  }

  static void checkStart(Primitive op, TensorType start) {
    if (start.rank() != 0 || !start.dtype().isInteger()) {
      throw new OpException(op.mnemonic() + " starts at an integer scalar, not at " + start);
    }
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    DType dtype = operands.get(1).dtype();
    Elem start =
        Elem.clamp(Elem.read(1, List.of()), dtype, operands.getFirst().dim(axis).minus(size));
    List<Index> index = new ArrayList<>(Index.of(at));
    index.set(
        axis,
        new Index.Computed(
            Elem.call(
                ScalarFn.ADD, start, new Elem.IndexValue(Elem.indexType(dtype), at.get(axis)))));
    return new Elem.Read(0, index);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value zeros = b.fill(node.operand(0).type(), 0);
    Value d = Objects.requireNonNull(dy.getFirst());
    return Arrays.asList(b.add(new UpdateSlice(axis), zeros, d, node.operand(1)), null);
  }
}
