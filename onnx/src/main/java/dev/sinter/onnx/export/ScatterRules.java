package dev.sinter.onnx.export;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Scatter;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Values joined in places that they name: into one row of all places and one more, for values
/// whose place is none. Each rule answers whether it fits the node.
///
/// @param region where nodes go
record ScatterRules(RegionExport region) {
  private NodeSink sink() {
    return region.sink();
  }

  boolean accumulate(Accumulate op, Node node) {
    return scattered(node, op.reducer(), op.axes(), op.shape(), op.index(), op.value());
  }

  boolean scatter(Scatter op, Node node) {
    TensorType indices = node.operand(0).type();
    TensorType slices = node.operand(1).type();
    AxisNames fresh = new AxisNames();
    List<Axis> axes = slices.shape().stream().map(fresh::axis).toList();
    List<Dim> at = axes.stream().map(Axis::index).toList();
    int after = op.axis() + indices.rank();
    List<Elem> index = new ArrayList<>();
    for (int i = 0; i < op.axis(); i++) {
      index.add(new Elem.IndexValue(DType.I64, at.get(i)));
    }
    index.add(
        Elem.clamp(
            Elem.read(0, at.subList(op.axis(), after)), indices.dtype(), op.size().minus(1)));
    for (int i = after; i < at.size(); i++) {
      index.add(new Elem.IndexValue(DType.I64, at.get(i)));
    }
    List<Dim> shape = node.result().type().shape();
    return scattered(node, Reducer.SUM, axes, shape, index, new Elem.Read(1, Index.of(at)));
  }

  private boolean scattered(
      Node node, Reducer reducer, List<Axis> axes, List<Dim> shape, List<Elem> index, Elem value) {
    DType dtype = node.result().type().dtype();
    DType carrier = Carriers.of(dtype);
    if (carrier == DType.BOOL) {
      return false;
    }
    Scope scope = Scope.of(axes, region.facts());
    ElementNodes elements =
        new ElementNodes(sink(), region.dims(), region.grids(node.operands()), node.operandTypes());
    Dim size = Dim.product(shape);
    Grid none = region.dims().size(size);
    Grid place = sink().integer(0);
    Grid inside = sink().integer(DType.BOOL, 1);
    for (int i = 0; i < index.size(); i++) {
      DType type = index.get(i).dtype(node.operandTypes());
      Grid at = region.carriers().convert(elements.of(index.get(i), scope), type, DType.I64);
      Grid most = region.dims().size(shape.get(i));
      inside = and(inside, sink().apply("GreaterOrEqual", DType.BOOL, at, sink().integer(0)));
      inside = and(inside, sink().apply("Less", DType.BOOL, at, most));
      place = sink().apply("Add", DType.I64, sink().apply("Mul", DType.I64, place, most), at);
    }
    Grid held = sink().apply("Where", DType.I64, inside, place, none);
    List<Dim> points = axes.stream().map(Axis::extent).toList();
    Elem.Literal identity = reducer.identity(dtype);
    Grid first = region.carriers().literal(dtype, identity.real(), identity.integer());
    String base =
        sink().add("Expand", List.of(first.name(), region.dims().list(List.of(size.plus(1)))));
    String joined =
        sink()
            .add(
                "ScatterElements",
                List.of(base, row(held, points), row(elements.guarded(value, scope), points)),
                NodeSink.attribute("axis", 0),
                NodeSink.attribute("reduction", reduction(reducer)));
    String all =
        sink()
            .add(
                "Slice",
                List.of(joined, sink().list(List.of(0L)), region.dims().list(List.of(size))));
    String shaped =
        sink()
            .add(
                "Reshape",
                List.of(all, region.dims().list(shape)),
                NodeSink.attribute("allowzero", 1));
    TensorType wide = node.result().type().withDtype(carrier);
    Grid wrapped = region.carriers().wrap(RegionExport.whole(shaped, wide), dtype);
    region.define(node.result(), region.carriers().store(wrapped, dtype));
    return true;
  }

  private Grid and(Grid a, Grid b) {
    return sink().apply("And", DType.BOOL, a, b);
  }

  /// All elements in a row.
  private String row(Grid grid, List<Dim> points) {
    return sink().add("Reshape", List.of(region.full(grid, points), sink().list(List.of(-1L))));
  }

  private static String reduction(Reducer reducer) {
    return switch (reducer) {
      case SUM -> "add";
      case PRODUCT -> "mul";
      case MAX, ANY -> "max";
      case MIN, ALL -> "min";
    };
  }
}
