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

/// Convolution (without flipping the filter, as networks use it) over one to three spatial axes.
///
/// Operands: `x[N, C, spatial...]` and the filter `w[O, C / groups, window...]`; the result is `[N,
/// O, places...]`. Output channel `o` sees the input channels of its group `floor(o / (O /
/// groups))`. With [ConvInput] and [ConvFilter] it is one trilinear form of input, filter and
/// cotangent, so that the three are each other's derivatives.
///
/// @param strides how far the window moves, for each spatial axis
/// @param padLow places of zeros before the input
/// @param padHigh places of zeros after the input
/// @param dilations the distance in the input of two places of the window
/// @param groups into how many groups the channels are divided
/// @param accumulator the type in which it is summed
public record Conv(
    List<Long> strides,
    List<Long> padLow,
    List<Long> padHigh,
    List<Long> dilations,
    long groups,
    DType accumulator)
    implements Primitive {
  public Conv {
    strides = List.copyOf(strides);
    padLow = List.copyOf(padLow);
    padHigh = List.copyOf(padHigh);
    dilations = List.copyOf(dilations);
  }

  @Override
  public String mnemonic() {
    return "conv";
  }

  @Override
  public Kind kind() {
    return Kind.CONVOLUTION;
  }

  private Window window(TensorType w) {
    return new Window(spatial(w.shape()), strides, padLow, padHigh, dilations);
  }

  static <T> List<T> spatial(List<T> shape) {
    return shape.subList(2, shape.size());
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType x = operands.get(0);
    TensorType w = operands.get(1);
    if (x.rank() < 3 || x.rank() != w.rank() || x.dtype() != w.dtype()) {
      throw new OpException("conv of " + x + " by the filter " + w);
    }
    checkChannels(x.dim(1), w.dim(0), w.dim(1), groups);
    Window window = window(w);
    window.check(this, x.rank() - 2);
    List<Dim> shape = new ArrayList<>(List.of(x.dim(0), w.dim(0)));
    shape.addAll(window.places(spatial(x.shape())));
    return List.of(x.withShape(shape));
  }

  static void checkChannels(Dim input, Dim output, Dim perGroup, long groups) {
    if (groups < 1 || !input.equals(perGroup.times(groups))) {
      throw new OpException(
          "a filter of "
              + perGroup
              + " channels in "
              + groups
              + " groups does not fit an input of "
              + input
              + " channels");
    }
    if (!output.mod(groups).is(0)) {
      throw new OpException(output + " output channels are not divided into " + groups + " groups");
    }
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType x = operands.get(0);
    TensorType w = operands.get(1);
    Axis channel = fresh.axis(w.dim(1));
    List<Axis> bound = new ArrayList<>(List.of(channel));
    spatial(w.shape()).forEach(size -> bound.add(fresh.axis(size)));
    List<Dim> k = Window.indices(bound.subList(1, bound.size()));
    List<Elem> conditions = new ArrayList<>();
    List<Dim> place = window(w).inputs(spatial(at), k, spatial(x.shape()), conditions);
    Dim group = groups == 1 ? Dim.ZERO : at.get(1).floorDiv(w.dim(0).floorDiv(groups));
    List<Dim> left =
        new ArrayList<>(List.of(at.get(0), group.times(w.dim(1)).plus(channel.index())));
    left.addAll(place);
    List<Dim> right = new ArrayList<>(List.of(at.get(1), channel.index()));
    right.addAll(k);
    return Contract.sumOfProducts(
        x.dtype(), accumulator, bound, conditions, Elem.read(0, left), Elem.read(1, right));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    Value x = node.operand(0);
    Value w = node.operand(1);
    return List.of(
        b.add(
            new ConvInput(
                strides,
                padLow,
                padHigh,
                dilations,
                groups,
                spatial(x.type().shape()),
                accumulator),
            d,
            w),
        b.add(
            new ConvFilter(
                strides,
                padLow,
                padHigh,
                dilations,
                groups,
                spatial(w.type().shape()),
                accumulator),
            x,
            d));
  }
}
