package dev.sinter.testkit;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvFilter;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.PoolArgmax;
import dev.sinter.ir.op.PoolGrad;
import dev.sinter.ir.op.WinogradFilter;
import dev.sinter.ir.op.WinogradInput;
import dev.sinter.ir.op.WinogradOutput;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Random convolutions and poolings, their derivatives, and the transforms of fast ones.
final class RandomWindows {
  private final RandomOps ops;

  RandomWindows(RandomOps ops) {
    this.ops = ops;
  }

  void add(Map<String, Supplier<RandomOps.Candidate>> rows) {
    for (String kind : List.of("conv", "conv_input", "conv_filter")) {
      rows.put(kind, () -> convolution(kind));
    }
    for (String kind : List.of("pool", "pool_argmax", "pool_grad")) {
      rows.put(kind, () -> pooling(kind));
    }
    for (String kind : List.of("winograd_input", "winograd_filter", "winograd_output")) {
      rows.put(kind, () -> transform(kind));
    }
  }

  private List<Long> numbers(int count, long low, long high) {
    return Stream.generate(() -> ops.between(low, high)).limit(count).toList();
  }

  private RandomOps.Candidate convolution(String kind) {
    Value like = ops.ranked(0);
    DType dtype = like.type().dtype();
    int spatial = (int) ops.between(1, 2);
    long groups = ops.between(1, 2);
    long channels = groups * ops.between(1, 2);
    long filters = groups * ops.between(1, 2);
    List<Long> strides = numbers(spatial, 1, 2);
    List<Long> low = numbers(spatial, 0, 1);
    List<Long> high = numbers(spatial, 0, 1);
    List<Long> dilations = numbers(spatial, 1, 2);
    DType accumulator = dtype.compute();
    List<Dim> x = new ArrayList<>(List.of(Dim.symbol("N"), Dim.of(channels)));
    List<Dim> w = new ArrayList<>(List.of(Dim.of(filters), Dim.of(channels / groups)));
    List<Dim> sizes = new ArrayList<>();
    List<Dim> window = new ArrayList<>();
    for (int i = 0; i < spatial; i++) {
      sizes.add(Dim.of(ops.between(4, 6)));
      window.add(Dim.of(ops.between(1, 3)));
    }
    x.addAll(sizes);
    w.addAll(window);
    TensorType input = new TensorType(dtype, x);
    TensorType filter = new TensorType(dtype, w);
    Conv conv = new Conv(strides, low, high, dilations, groups, accumulator);
    if (kind.equals("conv")) {
      return ops.node(conv, ops.like(input), ops.like(filter));
    }
    TensorType dy = conv.infer(List.of(input, filter), List.of()).getFirst();
    return kind.equals("conv_input")
        ? ops.node(
            new ConvInput(strides, low, high, dilations, groups, sizes, accumulator),
            ops.like(dy),
            ops.like(filter))
        : ops.node(
            new ConvFilter(strides, low, high, dilations, groups, window, accumulator),
            ops.like(input),
            ops.like(dy));
  }

  private RandomOps.Candidate transform(String kind) {
    DType dtype = ops.floats;
    int outputs = ops.oneOf(List.of(2, 4));
    Dim other = Dim.of(ops.between(1, 3));
    long tiles = ops.between(1, 2);
    return switch (kind) {
      case "winograd_input" -> {
        List<Dim> x = List.of(Dim.symbol("N"), Dim.of(outputs * tiles + 2), other);
        yield ops.node(new WinogradInput(1, outputs), ops.like(new TensorType(dtype, x)));
      }
      case "winograd_filter" -> {
        List<Dim> w = List.of(other, Dim.of(3), Dim.symbol("N"));
        yield ops.node(new WinogradFilter(1, outputs), ops.like(new TensorType(dtype, w)));
      }
      default -> {
        List<Dim> m = List.of(Dim.of(outputs + 2), Dim.symbol("N"), Dim.of(tiles), other);
        yield ops.node(new WinogradOutput(1, outputs), ops.like(new TensorType(dtype, m)));
      }
    };
  }

  private RandomOps.Candidate pooling(String kind) {
    DType dtype = ops.ranked(0).type().dtype();
    int spatial = (int) ops.between(1, 2);
    List<Dim> shape = new ArrayList<>(List.of(Dim.symbol("N")));
    for (int i = 0; i < spatial; i++) {
      shape.add(Dim.of(ops.between(3, 6)));
    }
    List<Long> window = numbers(spatial, 1, 3);
    List<Long> strides = numbers(spatial, 1, 2);
    // A window all in the padding would have no maximum.
    List<Long> low = window.stream().map(k -> ops.between(0, Math.min(1, k - 1))).toList();
    List<Long> high = window.stream().map(k -> ops.between(0, Math.min(1, k - 1))).toList();
    List<Long> dilations = numbers(spatial, 1, 1);
    TensorType input = new TensorType(dtype, shape);
    Reducer reducer = ops.oneOf(List.of(Reducer.MAX, Reducer.SUM));
    if (kind.equals("pool")) {
      return ops.node(new Pool(reducer, window, strides, low, high, dilations), ops.like(input));
    }
    TensorType dy =
        new Pool(Reducer.MAX, window, strides, low, high, dilations)
            .infer(List.of(input), List.of())
            .getFirst();
    return kind.equals("pool_argmax")
        ? ops.node(
            new PoolArgmax(window, strides, low, high, dilations), ops.like(input), ops.like(dy))
        : ops.node(
            new PoolGrad(window, strides, low, high, dilations, shape.subList(1, shape.size())),
            ops.like(dy));
  }
}
