package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The derivative of [Conv] by its input; by itself, a transposed convolution.
///
/// Operands: the cotangent `[N, O, places...]` and the filter `w[O, C / groups, window...]`; the
/// result is `[N, C, spatial...]`.
///
/// @param strides as in [Conv]
/// @param padLow as in [Conv]
/// @param padHigh as in [Conv]
/// @param dilations as in [Conv]
/// @param groups as in [Conv]
/// @param sizes the spatial sizes of the result, of which the window takes the cotangent's places
/// @param accumulator the type in which it is summed
public record ConvInput(
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations,
    long groups,
    List<Dim> sizes,
    DType accumulator)
    implements Primitive {
  public ConvInput {
    strides = List.copyOf(strides);
    padLow = List.copyOf(padLow);
    padHigh = List.copyOf(padHigh);
    dilations = List.copyOf(dilations);
    sizes = List.copyOf(sizes);
  }

  @Override
  public String mnemonic() {
    return "conv_input";
  }

  @Override
  public Kind kind() {
    return Kind.CONVOLUTION;
  }

  private Window window(TensorType w) {
    return new Window(Conv.spatial(w.shape()), strides, padLow, padHigh, dilations);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType dy = operands.get(0);
    TensorType w = operands.get(1);
    if (dy.rank() < 3
        || dy.rank() != w.rank()
        || dy.dtype() != w.dtype()
        || !dy.dim(1).equals(w.dim(0))
        || sizes.size() != dy.rank() - 2) {
      throw new OpException("conv_input of " + dy + " by the filter " + w);
    }
    Conv.checkChannels(w.dim(1).times(groups), w.dim(0), w.dim(1), groups);
    Window window = window(w);
    window.check(this, sizes.size());
    checkPlaces(window, sizes, dy);
    List<Dim> shape = new ArrayList<>(List.of(dy.dim(0), w.dim(1).times(groups)));
    shape.addAll(sizes);
    return List.of(dy.withShape(shape));
  }

  static void checkPlaces(Window window, List<Dim> sizes, TensorType dy) {
    List<Dim> places = window.places(sizes);
    if (!places.equals(Conv.spatial(dy.shape()))) {
      throw new OpException(
          "a window over " + sizes + " takes " + places + " places, but " + dy + " was given");
    }
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType dy = operands.get(0);
    TensorType w = operands.get(1);
    Dim perGroup = w.dim(0).floorDiv(groups);
    Axis channel = fresh.axis(perGroup);
    List<Axis> bound = new ArrayList<>(List.of(channel));
    Conv.spatial(w.shape()).forEach(size -> bound.add(fresh.axis(size)));
    List<Dim> k = Window.indices(bound.subList(1, bound.size()));
    List<Elem> conditions = new ArrayList<>();
    List<Dim> place = window(w).windows(Conv.spatial(at), k, Conv.spatial(dy.shape()), conditions);
    Dim group = groups == 1 ? Dim.ZERO : at.get(1).floorDiv(w.dim(1));
    Dim output = group.times(perGroup).plus(channel.index());
    List<Dim> left = new ArrayList<>(List.of(at.get(0), output));
    left.addAll(place);
    List<Dim> right = new ArrayList<>(List.of(output, at.get(1).minus(group.times(w.dim(1)))));
    right.addAll(k);
    return Contract.sumOfProducts(
        dy.dtype(), accumulator, bound, conditions, Elem.read(0, left), Elem.read(1, right));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    Value w = node.operand(1);
    return List.of(
        b.add(new Conv(strides, padLow, padHigh, dilations, groups, accumulator), d, w),
        b.add(
            new ConvFilter(
                strides,
                padLow,
                padHigh,
                dilations,
                groups,
                Conv.spatial(w.type().shape()),
                accumulator),
            d,
            node.operand(0)));
  }
}
