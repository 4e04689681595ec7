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
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Joins the elements under a window that slides over the last axes: pooling by maximum, or by sum
/// for averages. Padding counts as the reducer's identity: 0 for a sum, less than all for a
/// maximum.
///
/// @param reducer MAX or SUM
/// @param window the window's sizes; it slides over as many last axes
/// @param strides how far the window moves, for each such axis
/// @param padLow places of padding before the input
/// @param padHigh places of padding after the input
/// @param dilations the distance in the input of two places of the window
public record Pool(
    Reducer reducer,
    List<Long> window,
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations)
    implements Primitive {
  public Pool {
    window = List.copyOf(window);
    strides = List.copyOf(strides);
    padLow = List.copyOf(padLow);
    padHigh = List.copyOf(padHigh);
    dilations = List.copyOf(dilations);
  }

  @Override
  public String mnemonic() {
    return "pool";
  }

  @Override
  public Kind kind() {
    return Kind.WINDOW;
  }

  static Window windowOf(
      List<Long> window,
      List<Long> strides,
      List<Long> padLow,
      List<Long> padHigh,
      List<Long> dilations) {
    return new Window(window.stream().map(Dim::of).toList(), strides, padLow, padHigh, dilations);
  }

  private Window sliding() {
    return windowOf(window, strides, padLow, padHigh, dilations);
  }

  /// The pooled type of `x`.
  static TensorType pooled(Primitive op, Window window, TensorType x) {
    int leading = x.rank() - window.sizes().size();
    if (leading < 0) {
      throw new OpException(op.mnemonic() + " over " + window.sizes() + " of " + x);
    }
    window.check(op, window.sizes().size());
    List<Dim> shape = new ArrayList<>(x.shape().subList(0, leading));
    shape.addAll(window.places(x.shape().subList(leading, x.rank())));
    return x.withShape(shape);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    if ((reducer != Reducer.MAX && reducer != Reducer.SUM) || x.dtype() == DType.BOOL) {
      throw new OpException("pool by " + reducer + " of " + x);
    }
    return List.of(pooled(this, sliding(), x));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType x = operands.getFirst();
    int leading = x.rank() - window.size();
    List<Axis> bound = window.stream().map(size -> fresh.axis(Dim.of(size))).toList();
    List<Elem> conditions = new ArrayList<>();
    List<Dim> index = new ArrayList<>(at.subList(0, leading));
    index.addAll(
        sliding()
            .inputs(
                at.subList(leading, at.size()),
                Window.indices(bound),
                x.shape().subList(leading, x.rank()),
                conditions));
    return new Elem.Reduce(
        reducer,
        x.dtype().compute(),
        bound,
        Elem.select(conditions, Elem.read(0, index), reducer.identity(x.dtype())));
  }

  /// Of a maximum, the cotangent goes to the first element of the window that reaches it.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value x = node.operand(0);
    List<Value> operands = new ArrayList<>(List.of(Objects.requireNonNull(dy.getFirst())));
    if (reducer == Reducer.MAX) {
      operands.add(
          b.add(new PoolArgmax(window, strides, padLow, padHigh, dilations), x, node.result()));
    }
    int leading = x.type().rank() - window.size();
    List<Dim> sizes = x.type().shape().subList(leading, x.type().rank());
    PoolGrad back = new PoolGrad(window, strides, padLow, padHigh, dilations, sizes);
    return Collections.singletonList(b.add(back, operands, List.of(), "").result());
  }
}
