package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.IndexedGradient;
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
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Joins each element along an axis with all before it: cumulative sums.
///
/// @param reducer SUM, PRODUCT, MAX or MIN
/// @param axis the axis
/// @param exclusive whether an element is left out of its own result
/// @param reverse whether the elements behind it are joined instead
/// @param accumulator the type in which it is joined
public record Cumulative(
    Reducer reducer, int axis, boolean exclusive, boolean reverse, DType accumulator)
    implements Primitive {
  @Override
  public String mnemonic() {
    return "cumulative";
  }

  @Override
  public Kind kind() {
    return Kind.REDUCTION;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    OpException.checkAxis(this, x, axis);
    if (reducer == Reducer.ANY || reducer == Reducer.ALL || x.dtype() == DType.BOOL) {
      throw new OpException("cumulative " + reducer + " of " + x);
    }
    return List.of(x);
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType x = operands.getFirst();
    Axis other = fresh.axis(x.dim(axis));
    ScalarFn joined =
        reverse ? exclusive ? ScalarFn.GT : ScalarFn.GE : exclusive ? ScalarFn.LT : ScalarFn.LE;
    Elem isJoined =
        Elem.call(
            joined,
            new Elem.IndexValue(DType.I64, other.index()),
            new Elem.IndexValue(DType.I64, at.get(axis)));
    List<Dim> index = new ArrayList<>(at);
    index.set(axis, other.index());
    return new Elem.Reduce(
        reducer,
        accumulator,
        List.of(other),
        Elem.select(List.of(isJoined), Elem.read(0, index), reducer.identity(x.dtype())));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    return reducer == Reducer.SUM
        ? Collections.singletonList(
            b.add(new Cumulative(reducer, axis, exclusive, !reverse, accumulator), d))
        : IndexedGradient.of(b, node, this, d);
  }
}
