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

/// A tensor with some neighbours along one axis replaced: how a key/value cache is written. Where
/// the memory plan lets the result share the first operand's memory, only the update is written.
///
/// Operands: the tensor, the update, which has the same sizes but along the axis, and the start, an
/// integer scalar, which is moved into `0 .. n - size of the update`.
///
/// @param axis the axis along which places are replaced
public record UpdateSlice(int axis) implements Primitive {
  @Override
  public String mnemonic() {
    return "update_slice";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 3, 3);
    TensorType base = operands.get(0);
    TensorType update = operands.get(1);
    OpException.checkAxis(this, base, axis);
    DynamicSlice.checkStart(this, operands.get(2));
    boolean fits = base.dtype() == update.dtype() && base.rank() == update.rank();
    for (int i = 0; fits && i < base.rank(); i++) {
      Dim rest = base.dim(i).minus(update.dim(i));
      fits = i == axis ? !rest.isConstant() || rest.constant() >= 0 : rest.is(0);
    }
    if (!fits) {
      throw new OpException(update + " does not fit into " + base + " along axis " + axis);
    }
    return List.of(base);
  }

  /// Where along the axis the update goes.
  public Elem start(List<TensorType> operands) {
    Dim rest = operands.get(0).dim(axis).minus(operands.get(1).dim(axis));
    return Elem.clamp(Elem.read(2, List.of()), operands.get(2).dtype(), rest);
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Dim size = operands.get(1).dim(axis);
    DType wide = Elem.indexType(operands.get(2).dtype());
    Elem start = start(operands);
    Elem place = Elem.call(ScalarFn.SUB, new Elem.IndexValue(wide, at.get(axis)), start);
    List<Index> index = new ArrayList<>(Index.of(at));
    index.set(axis, new Index.Computed(place));
    return Elem.select(
        List.of(
            Elem.call(ScalarFn.GE, place, Elem.literal(wide, 0L)),
            Elem.call(ScalarFn.LT, place, new Elem.IndexValue(wide, size))),
        new Elem.Read(1, index),
        Elem.read(0, at));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    TensorType update = node.operand(1).type();
    return Arrays.asList(
        b.add(this, d, b.fill(update, 0), node.operand(2)),
        b.add(new DynamicSlice(axis, update.dim(axis)), d, node.operand(2)),
        null);
  }
}
