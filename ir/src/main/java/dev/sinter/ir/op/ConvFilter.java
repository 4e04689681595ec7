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

/// The derivative of [Conv] by its filter.
///
/// Operands: the input `x[N, C, spatial...]` and the cotangent `[N, O, places...]`; the result is
/// `[O, C / groups, window...]`.
///
/// @param strides as in [Conv]
/// @param padLow as in [Conv]
/// @param padHigh as in [Conv]
/// @param dilations as in [Conv]
/// @param groups as in [Conv]
/// @param sizes the window's sizes
/// @param accumulator the type in which it is summed
public record ConvFilter(
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations,
    long groups,
    List<Dim> sizes,
    DType accumulator)
    implements Primitive {
  public ConvFilter {
    strides = List.copyOf(strides);
    padLow = List.copyOf(padLow);
    padHigh = List.copyOf(padHigh);
    dilations = List.copyOf(dilations);
    sizes = List.copyOf(sizes);
  }

  @Override
  public String mnemonic() {
    return "conv_filter";
  }

  @Override
  public Kind kind() {
    return Kind.CONVOLUTION;
  }

  private Window window() {
    return new Window(sizes, strides, padLow, padHigh, dilations);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType x = operands.get(0);
    TensorType dy = operands.get(1);
    if (x.rank() < 3
        || x.rank() != dy.rank()
        || x.dtype() != dy.dtype()
        || !x.dim(0).equals(dy.dim(0))
        || sizes.size() != x.rank() - 2) {
      throw new OpException("conv_filter of " + x + " and " + dy);
    }
    Dim perGroup = x.dim(1).floorDiv(groups);
    Conv.checkChannels(x.dim(1), dy.dim(1), perGroup, groups);
    window().check(this, sizes.size());
    ConvInput.checkPlaces(window(), Conv.spatial(x.shape()), dy);
    List<Dim> shape = new ArrayList<>(List.of(dy.dim(1), perGroup));
    shape.addAll(sizes);
    return List.of(x.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType x = operands.get(0);
    TensorType dy = operands.get(1);
    List<Axis> bound = new ArrayList<>(List.of(fresh.axis(x.dim(0))));
    Conv.spatial(dy.shape()).forEach(size -> bound.add(fresh.axis(size)));
    Dim example = bound.getFirst().index();
    List<Dim> p = Window.indices(bound.subList(1, bound.size()));
    List<Elem> conditions = new ArrayList<>();
    List<Dim> place = window().inputs(p, Conv.spatial(at), Conv.spatial(x.shape()), conditions);
    Dim group = groups == 1 ? Dim.ZERO : at.get(0).floorDiv(dy.dim(1).floorDiv(groups));
    Dim channel = group.times(x.dim(1).floorDiv(groups)).plus(at.get(1));
    List<Dim> left = new ArrayList<>(List.of(example, channel));
    left.addAll(place);
    List<Dim> right = new ArrayList<>(List.of(example, at.get(0)));
    right.addAll(p);
    return Contract.sumOfProducts(
        x.dtype(), accumulator, bound, conditions, Elem.read(0, left), Elem.read(1, right));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    Value x = node.operand(0);
    return List.of(
        b.add(
            new ConvInput(
                strides,
                padLow,
                padHigh,
                dilations,
                groups,
                Conv.spatial(x.type().shape()),
                accumulator),
            node.operand(1),
            d),
        b.add(new Conv(strides, padLow, padHigh, dilations, groups, accumulator), x, d));
  }
}
