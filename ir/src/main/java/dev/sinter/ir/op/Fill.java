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

/// A tensor whose elements are all one number.
///
/// @param dtype the element type
/// @param real the number of a float type, else the same as `integer`
/// @param integer the number of an integer or bool type, else 0
/// @param shape the sizes
public record Fill(DType dtype, double real, long integer, List<Dim> shape) implements Primitive {
  public Fill {
    shape = List.copyOf(shape);
  }

  @Override
  public String mnemonic() {
    return "fill";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 0, 0);
    if (!dtype.isFloat() && dtype.wrap(integer) != integer) {
      throw new OpException("fill of " + dtype + " with " + integer);
    }
    return List.of(new TensorType(dtype, shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return new Elem.Literal(dtype, real, integer);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return List.of();
  }
}
