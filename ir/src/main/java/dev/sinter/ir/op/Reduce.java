package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
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
import org.jspecify.annotations.Nullable;

/// Joins the elements along some axes, which the result no longer has.
///
/// @param reducer how elements are joined
/// @param axes which axes go, ascending
/// @param accumulator the type in which it is summed
public record Reduce(Reducer reducer, List<Integer> axes, DType accumulator) implements Primitive {
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
    TensorType x = operands.getFirst();
    if (axes.stream().anyMatch(a -> a < 0 || a >= x.rank())) {
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
  /// it.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value x = node.operand(0);
    Value dx = java.util.Objects.requireNonNull(dy.getFirst());
    return Collections.singletonList(
        switch (reducer) {
          case SUM -> spread(b, dx, x);
          case MAX, MIN -> {
            Value hit = b.add(Pointwise.EQ, x, spread(b, node.result(), x));
            Value one = b.add(new Cast(x.type().dtype()), hit);
            Value count = of(b, Reducer.SUM, axes, one);
            yield b.add(Pointwise.MUL, one, spread(b, b.add(Pointwise.DIV, dx, count), x));
          }
          case PRODUCT ->
              b.add(Pointwise.DIV, spread(b, b.add(Pointwise.MUL, dx, node.result()), x), x);
          case ANY, ALL -> null;
        });
  }

  private Value spread(GraphBuilder b, Value reduced, Value like) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < like.type().rank(); i++) {
      if (!axes.contains(i)) {
        places.add(i);
      }
    }
    return b.add(new Broadcast(places, like.type().shape()), reduced);
  }
}
