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
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The derivative of [Pool]: each element of the cotangent is added to all places of its window,
/// or, where a second operand names one place of each window ([PoolArgmax]), to that one.
///
/// @param window as in [Pool]
/// @param strides as in [Pool]
/// @param padLow as in [Pool]
/// @param padHigh as in [Pool]
/// @param dilations as in [Pool]
/// @param sizes the pooled axes' sizes before pooling
public record PoolGrad(
    List<Long> window,
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations,
    List<Dim> sizes)
    implements Primitive {
  public PoolGrad {
    window = List.copyOf(window);
    strides = List.copyOf(strides);
    padLow = List.copyOf(padLow);
    padHigh = List.copyOf(padHigh);
    dilations = List.copyOf(dilations);
    sizes = List.copyOf(sizes);
  }

  @Override
  public String mnemonic() {
    return "pool_grad";
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
    OpException.checkCount(this, operands, 1, 2);
    TensorType dy = operands.getFirst();
    int leading = dy.rank() - window.size();
    if (leading < 0 || sizes.size() != window.size()) {
      throw new OpException("pool_grad over " + window + " of " + dy + " to " + sizes);
    }
    List<Dim> shape = new ArrayList<>(dy.shape().subList(0, leading));
    shape.addAll(sizes);
    TensorType x = dy.withShape(shape);
    boolean fits =
        Pool.pooled(this, sliding(), x).equals(dy)
            && (operands.size() == 1 || operands.get(1).equals(dy.withDtype(DType.I32)));
    if (!fits) {
      throw new OpException("pool_grad of " + operands + " to " + sizes);
    }
    return List.of(x);
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType dy = operands.getFirst();
    int leading = dy.rank() - window.size();
    List<Dim> h = at.subList(leading, at.size());
    List<Dim> counts = dy.shape().subList(leading, dy.rank());
    // Where windows neither overlap nor leave gaps there is nothing to sum.
    boolean tiles = sliding().tiles();
    List<Axis> bound =
        tiles ? List.of() : window.stream().map(size -> fresh.axis(Dim.of(size))).toList();
    List<Dim> k = new ArrayList<>(Window.indices(bound));
    List<Elem> conditions = new ArrayList<>();
    List<Dim> index = new ArrayList<>(at.subList(0, leading));
    if (tiles) {
      for (int i = 0; i < h.size(); i++) {
        Dim offset = h.get(i).plus(padLow.get(i));
        k.add(offset.mod(window.get(i)));
        index.add(offset.floorDiv(window.get(i)));
        if (padLow.get(i) > 0 || !counts.get(i).times(window.get(i)).equals(sizes.get(i))) {
          conditions.add(Elem.inRange(index.getLast(), counts.get(i)));
        }
      }
    } else {
      index.addAll(sliding().windows(h, k, counts, conditions));
    }
    Elem zero = Elem.literal(dy.dtype(), 0.0);
    Elem part = Elem.read(0, index);
    if (operands.size() == 2) {
      part = Elem.select(List.of(chosen(Elem.read(1, index), k)), part, zero);
    }
    Elem body = Elem.select(conditions, part, zero);
    return tiles ? body : new Elem.Reduce(Reducer.SUM, dy.dtype().compute(), bound, body);
  }

  private Elem chosen(Elem place, List<Dim> k) {
    return Elem.call(ScalarFn.EQ, place, new Elem.IndexValue(DType.I32, sliding().number(k)));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    if (node.operands().size() == 1) {
      return Collections.singletonList(
          b.add(new Pool(Reducer.SUM, window, strides, padLow, padHigh, dilations), d));
    }
    return Arrays.asList(b.add(picked(node.operand(0).type()), d, node.operand(1)), null);
  }

  /// The element at the named place of each window: the transposed map.
  private Comprehension picked(TensorType pooled) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = pooled.shape().stream().map(fresh::axis).toList();
    List<Axis> bound = window.stream().map(size -> fresh.axis(Dim.of(size))).toList();
    List<Dim> at = Window.indices(axes);
    List<Dim> k = Window.indices(bound);
    int leading = pooled.rank() - window.size();
    List<Elem> conditions = new ArrayList<>(List.of(chosen(Elem.read(1, at), k)));
    List<Dim> index = new ArrayList<>(at.subList(0, leading));
    index.addAll(sliding().inputs(at.subList(leading, at.size()), k, sizes, conditions));
    Elem body = Elem.select(conditions, Elem.read(0, index), Elem.literal(pooled.dtype(), 0.0));
    return new Comprehension(
        axes, new Elem.Reduce(Reducer.SUM, pooled.dtype().compute(), bound, body));
  }
}
