package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Converts the elements to another type, as [Elem.Cast] does.
///
/// @param dtype the type of the result
public record Cast(DType dtype) implements Primitive {
  /// `x` as `dtype`: a cast is added where it has another type.
  static Value to(GraphBuilder b, Value x, DType dtype) {
    return x.type().dtype() == dtype ? x : b.add(new Cast(dtype), x);
  }

  @Override
  public String mnemonic() {
    return "cast";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    return List.of(operands.getFirst().withDtype(dtype));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return new Elem.Cast(dtype, Elem.read(0, at));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    DType from = node.operand(0).type().dtype();
    return Collections.singletonList(
        from.isFloat() && dtype.isFloat()
            ? b.add(new Cast(from), Objects.requireNonNull(dy.getFirst()))
            : null);
  }
}
