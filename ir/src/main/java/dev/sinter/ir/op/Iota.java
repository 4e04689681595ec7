package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tensor that counts 0, 1, 2, ... along one axis.
///
/// @param dtype the element type
/// @param axis the axis along which it counts
/// @param shape the sizes
public record Iota(DType dtype, int axis, List<Dim> shape) implements Primitive {
  public Iota {
    shape = List.copyOf(shape);
  }

  @Override
  public String mnemonic() {
    return "iota";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 0, 0);
    TensorType type = new TensorType(dtype, shape);
    OpException.checkAxis(this, type, axis);
    if (dtype == DType.BOOL) {
      throw new OpException("iota counts in numbers, not in bools");
    }
    return List.of(type);
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return new Elem.IndexValue(dtype, at.get(axis));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return List.of();
  }
}
