package dev.sinter.compiler.measure;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Conv;
import dev.sinter.passes.Rehearsal;
import dev.sinter.passes.Rehearsal.Way;
import dev.sinter.passes.tuning.Asked;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ProductShape;
import dev.sinter.passes.tuning.ScheduleTable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Convolutions for which there is more than one way, as graphs of their own.
public final class Convolutions {
  private static final int WINDOW = 3;

  private Convolutions() {}

  /// The convolutions that were asked for, the costliest first.
  public static List<Map.Entry<ConvolutionShape, Long>> of(Asked asked) {
    return asked.convolutions().entrySet().stream()
        .sorted(
            Comparator.comparingDouble(
                    (Map.Entry<ConvolutionShape, Long> e) -> flops(e.getKey()) * e.getValue())
                .reversed())
        .toList();
  }

  /// The operations of a direct sum.
  public static double flops(ConvolutionShape shape) {
    double places = (double) shape.height() * shape.width() * pictures(shape);
    return 2 * places * shape.channels() * shape.filters() * WINDOW * WINDOW;
  }

  private static long pictures(ConvolutionShape shape) {
    return shape.pictures() == ProductShape.OPEN ? 1 : shape.pictures();
  }

  /// What a convolution is by the estimate: whichever way has as many kernels.
  public static ConvolutionWay estimated(ConvolutionShape shape) {
    Graph graph = graph(shape);
    Way plain = Rehearsal.graph(graph, ScheduleTable.EMPTY);
    for (ConvolutionWay way : ConvolutionWay.values()) {
      Way forced = Rehearsal.graph(graph, ScheduleTable.EMPTY.with(shape, way));
      if (forced.kernels().equals(plain.kernels())) {
        return way;
      }
    }
    return ConvolutionWay.DIRECT;
  }

  /// A convolution with what mostly follows one: a bias and ReLU.
  public static Graph graph(ConvolutionShape shape) {
    GraphBuilder b = new GraphBuilder();
    Dim filters = Dim.of(shape.filters());
    Value x =
        b.parameter(
            type(shape, pictures(shape), shape.channels(), shape.height(), shape.width()), "x");
    Value w = b.parameter(type(shape, shape.filters(), shape.channels(), WINDOW, WINDOW), "w");
    Value bias = b.parameter(new TensorType(shape.dtype(), List.of(filters)), "bias");
    Conv conv =
        new Conv(
            List.of(1L, 1L),
            shape.pads().subList(0, 2),
            shape.pads().subList(2, 4),
            List.of(1L, 1L),
            1,
            shape.dtype());
    Value sum = b.add(conv, x, w);
    Value wide = b.add(new Broadcast(List.of(1), sum.type().shape()), bias);
    Value y = b.add(Pointwise.RELU, b.add(Pointwise.ADD, sum, wide));
    return new Graph(
        "convolution",
        List.of(
            new Graph.Input("x", Graph.Role.ARGUMENT),
            new Graph.Input("w", Graph.Role.WEIGHT),
            new Graph.Input("bias", Graph.Role.WEIGHT)),
        List.of(new Graph.Output("y", Graph.Role.ARGUMENT)),
        b.region(List.of(y)),
        Facts.NONE);
  }

  private static TensorType type(ConvolutionShape shape, long n, long c, long h, long w) {
    return new TensorType(shape.dtype(), List.of(Dim.of(n), Dim.of(c), Dim.of(h), Dim.of(w)));
  }
}
