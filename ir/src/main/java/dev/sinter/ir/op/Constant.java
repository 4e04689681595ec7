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
import dev.sinter.runtime.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tensor of given elements, which must not change any more.
///
/// @param tensor the elements
public record Constant(Tensor tensor) implements Primitive {
  @Override
  public String mnemonic() {
    return "constant";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 0, 0);
    return List.of(TensorType.of(tensor.dtype(), tensor.shape()));
  }

  /// A search for the element by its place in row-major order. A lowering that has memory for
  /// constants reads `tensor` instead.
  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Dim linear = Dim.ZERO;
    for (int i = 0; i < at.size(); i++) {
      linear = linear.times(tensor.dim(i)).plus(at.get(i));
    }
    return tensor.size() == 0
        ? Elem.literal(tensor.dtype(), 0L)
        : search(new Elem.IndexValue(DType.I64, linear), 0, tensor.size());
  }

  private Elem search(Elem linear, long from, long to) {
    if (to - from == 1) {
      return tensor.dtype().isFloat()
          ? new Elem.Literal(tensor.dtype(), tensor.getDouble(from), 0)
          : Elem.literal(tensor.dtype(), tensor.getLong(from));
    }
    long middle = (from + to) >>> 1;
    Elem left = search(linear, from, middle);
    Elem right = search(linear, middle, to);
    return left instanceof Elem.Literal && left.equals(right)
        ? left
        : Elem.call(
            ScalarFn.SELECT,
            Elem.call(ScalarFn.LT, linear, Elem.literal(DType.I64, middle)),
            left,
            right);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return List.of();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Constant constant && tensor.contentEquals(constant.tensor);
  }

  @Override
  public int hashCode() {
    long sample = tensor.size() == 0 ? 0 : Double.doubleToLongBits(tensor.getDouble(0));
    return 31 * tensor.type().hashCode() + Long.hashCode(sample);
  }
}
