package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.IndexedGradient;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
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

/// Joins the elements along some axes, which the result no longer has.
///
/// @param reducer how elements are joined
/// @param axes which axes go, ascending
/// @param accumulator the type in which it is summed
public record Reduce(Reducer reducer, List<Integer> axes, DType accumulator) implements Primitive {
  public Reduce {
    axes = List.copyOf(axes);
  }

  /// Adds a reduction that accumulates in the operand's type, or `f32` for a narrower float.
  public static Value of(GraphBuilder b, Reducer reducer, List<Integer> axes, Value x) {
    return b.add(new Reduce(reducer, axes, x.type().dtype().compute()), x);
  }

  @Override
  public String mnemonic() {
    return "reduce";
  }

  @Override
  public Kind kind() {
    return Kind.REDUCTION;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    if (!axes.equals(
        axes.stream().filter(a -> a >= 0 && a < x.rank()).distinct().sorted().toList())) {
      throw new OpException(reducer + " over axes " + axes + " of " + x);
    }
    boolean logical = reducer == Reducer.ANY || reducer == Reducer.ALL;
    if (logical != (x.dtype() == DType.BOOL)) {
      throw new OpException(reducer + " of " + x.dtype());
    }
    return List.of(x.withShape(kept(x.shape())));
  }

  private <T> List<T> kept(List<T> all) {
    List<T> out = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (!axes.contains(i)) {
        out.add(all.get(i));
      }
    }
    return out;
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    List<Dim> index = new ArrayList<>();
    List<Axis> bound = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < operands.getFirst().rank(); i++) {
      if (axes.contains(i)) {
        Axis axis = fresh.axis(operands.getFirst().dim(i));
        bound.add(axis);
        index.add(axis.index());
      } else {
        index.add(at.get(next++));
      }
    }
    return new Elem.Reduce(reducer, accumulator, bound, Elem.read(0, index));
  }

  /// The cotangent goes to every summand; of a maximum, in equal parts to the elements that reach
  /// it; of a product, times the other factors.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value x = node.operand(0);
    Value d = Objects.requireNonNull(dy.getFirst());
    return switch (reducer) {
      case SUM -> Collections.singletonList(Broadcast.over(b, d, axes, x));
      case MAX, MIN -> {
        Value hit = b.add(Pointwise.EQ, x, Broadcast.over(b, node.result(), axes, x));
        Value count = of(b, Reducer.SUM, axes, b.add(new Cast(x.type().dtype()), hit));
        Value share = Broadcast.over(b, b.add(Pointwise.DIV, d, count), axes, x);
        yield Collections.singletonList(b.add(Pointwise.SELECT, hit, share, b.fill(x.type(), 0)));
      }
      case PRODUCT -> IndexedGradient.of(b, node, this, d);
      case ANY, ALL -> Collections.singletonList(null);
    };
  }
}
