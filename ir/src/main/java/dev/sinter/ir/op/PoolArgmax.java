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
import org.jspecify.annotations.Nullable;

/// Where in each window its maximum lies: the row-major number, `i32`, of the window's first place
/// that has it, or that is NaN.
///
/// Operands: the input of a [Pool] by maximum, and its result.
///
/// @param window as in [Pool]
/// @param strides as in [Pool]
/// @param padLow as in [Pool]
/// @param padHigh as in [Pool]
/// @param dilations as in [Pool]
public record PoolArgmax(
    List<Long> window,
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations)
    implements Primitive {
  public PoolArgmax {
    window = List.copyOf(window);
    strides = List.copyOf(strides);
    padLow = List.copyOf(padLow);
    padHigh = List.copyOf(padHigh);
    dilations = List.copyOf(dilations);
  }

  @Override
  public String mnemonic() {
    return "pool_argmax";
  }

  @Override
  public Kind kind() {
    return Kind.WINDOW;
  }

  private Window sliding() {
    return Pool.windowOf(window, strides, padLow, padHigh, dilations);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType y = Pool.pooled(this, sliding(), operands.getFirst());
    if (!y.equals(operands.get(1))) {
      throw new OpException(
          "pool_argmax of " + operands.getFirst() + " gives " + y + ", not " + operands.get(1));
    }
    return List.of(y.withDtype(DType.I32));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType x = operands.getFirst();
    int leading = x.rank() - window.size();
    List<Axis> bound = window.stream().map(size -> fresh.axis(Dim.of(size))).toList();
    List<Dim> k = Window.indices(bound);
    List<Elem> conditions = new ArrayList<>();
    List<Dim> index = new ArrayList<>(at.subList(0, leading));
    index.addAll(
        sliding()
            .inputs(
                at.subList(leading, at.size()),
                k,
                x.shape().subList(leading, x.rank()),
                conditions));
    Elem element = Elem.read(0, index);
    Elem none = Reducer.MIN.identity(DType.I32);
    Elem hit = Elem.call(ScalarFn.EQ, element, Elem.read(1, at));
    if (x.dtype().isFloat()) {
      hit = Elem.call(ScalarFn.OR, hit, Elem.call(ScalarFn.IS_NAN, element));
    }
    Elem number = new Elem.IndexValue(DType.I32, sliding().number(k));
    return new Elem.Reduce(
        Reducer.MIN,
        DType.I32,
        bound,
        Elem.select(conditions, Elem.select(List.of(hit), number, none), none));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return Arrays.asList(null, null);
  }
}
