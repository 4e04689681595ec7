package dev.sinter.onnx.export;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Prover;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.DynamicSlice;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What moves elements and computes nothing. Each rule answers whether it fits the node.
///
/// @param region where nodes go
record LayoutRules(RegionExport region) {
  private NodeSink sink() {
    return region.sink();
  }

  private boolean result(Node node, Grid grid) {
    region.define(node.result(), grid);
    return true;
  }

  /// The whole of the result, in the result's type.
  private boolean whole(Node node, String name) {
    return result(node, RegionExport.whole(name, node.result().type()));
  }

  boolean fill(Fill op, Node node) {
    Grid number =
        op.dtype().isFloat()
            ? sink().real(op.dtype(), op.real())
            : sink().integer(op.dtype(), op.integer());
    return result(node, number);
  }

  boolean constant(Constant op, Node node) {
    return whole(node, sink().constant(op.tensor()));
  }

  /// Axes of size 1, along which the file's operators repeat.
  boolean broadcast(Broadcast op, Node node) {
    Grid x = region.grid(node.operand(0));
    if (x.isScalar()) {
      return result(node, x);
    }
    List<Integer> axes = x.axes().stream().map(op.axes()::get).toList();
    String name = sink().unsqueezed(x.name(), op.shape().size(), op.axes());
    return result(node, new Grid(name, x.dtype(), op.shape().size(), axes));
  }

  boolean transpose(Transpose op, Node node) {
    Grid x = region.grid(node.operand(0));
    if (x.isScalar()) {
      return result(node, x);
    }
    List<Integer> axes = x.axes().stream().map(op.permutation()::indexOf).sorted().toList();
    List<Long> order = op.permutation().stream().map(Integer::longValue).toList();
    String name = sink().add("Transpose", List.of(x.name()), NodeSink.attribute("perm", order));
    return result(node, new Grid(name, x.dtype(), x.rank(), axes));
  }

  boolean reshape(Reshape op, Node node) {
    Value operand = node.operand(0);
    Grid x = region.grid(operand);
    if (x.isScalar()) {
      return result(node, x);
    }
    List<Integer> from = wide(operand.type().shape());
    List<Integer> to = wide(op.shape());
    boolean same =
        from.stream()
            .map(operand.type()::dim)
            .toList()
            .equals(to.stream().map(op.shape()::get).toList());
    if (same) {
      String name = sink().unsqueezed(sink().squeezed(x, from), op.shape().size(), to);
      List<Integer> axes = x.axes().stream().map(a -> to.get(from.indexOf(a))).toList();
      return op.shape().isEmpty()
          ? result(node, Grid.scalar(name, x.dtype()))
          : result(node, new Grid(name, x.dtype(), op.shape().size(), axes));
    }
    return whole(
        node,
        sink()
            .add(
                "Reshape",
                List.of(region.full(operand), region.dims().list(op.shape())),
                NodeSink.attribute("allowzero", 1)));
  }

  /// The axes whose size is not 1.
  private static List<Integer> wide(List<Dim> shape) {
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!shape.get(i).is(1)) {
        axes.add(i);
      }
    }
    return axes;
  }

  boolean concat(Concat op, Node node) {
    List<String> parts = node.operands().stream().map(region::full).toList();
    return whole(node, sink().add("Concat", parts, NodeSink.attribute("axis", op.axis())));
  }

  boolean slice(Slice op, Node node) {
    Grid x = region.grid(node.operand(0));
    TensorType type = node.operand(0).type();
    Prover prover = region.facts().prover();
    List<Dim> starts = new ArrayList<>();
    List<Dim> ends = new ArrayList<>();
    List<Long> axes = new ArrayList<>();
    List<Long> steps = new ArrayList<>();
    for (int i = 0; i < op.sizes().size(); i++) {
      boolean all = op.starts().get(i).is(0) && op.sizes().get(i).equals(type.dim(i));
      if (!x.varies(i) || (all && op.steps().get(i) == 1)) {
        continue;
      }
      long step = op.steps().get(i);
      Dim end = op.starts().get(i).plus(op.sizes().get(i).times(step));
      if (step < 0 && !prover.atLeast(end, Dim.ZERO)) {
        // An end below 0 counts from behind, unless it is below all.
        if (!prover.atLeast(Dim.of(-1), end)) {
          return false;
        }
        end = Dim.of(Long.MIN_VALUE);
      }
      starts.add(op.starts().get(i));
      ends.add(end);
      axes.add((long) i);
      steps.add(step);
    }
    if (x.isScalar() || axes.isEmpty()) {
      return result(node, x);
    }
    String name =
        sink()
            .add(
                "Slice",
                List.of(
                    x.name(),
                    region.dims().list(starts),
                    region.dims().list(ends),
                    sink().list(axes),
                    sink().list(steps)));
    List<Integer> left = x.axes().stream().filter(a -> !op.sizes().get(a).is(1)).toList();
    return result(node, new Grid(name, x.dtype(), x.rank(), left));
  }

  boolean dynamicSlice(DynamicSlice op, Node node) {
    Value x = node.operand(0);
    Dim last = x.type().dim(op.axis()).minus(op.size());
    String from = sink().unsqueezed(held(node.operand(1), last).name(), 1, List.of());
    String size = region.dims().list(List.of(op.size()));
    String to = sink().add("Add", List.of(from, size));
    String axis = sink().list(List.of((long) op.axis()));
    String name = sink().add("Slice", List.of(region.full(x), from, to, axis));
    sink().declare(name, node.result().type());
    return whole(node, name);
  }

  /// Integers moved into `0 .. last`.
  private Grid held(Value integers, Dim last) {
    Grid stored = region.grid(integers);
    DType dtype = stored.dtype();
    Grid index = region.carriers().convert(region.carriers().load(stored), dtype, DType.I64);
    // The unsigned ones beyond all signed ones have their sign bit set.
    Grid low =
        dtype == DType.U64
            ? sink()
                .apply(
                    "Where",
                    DType.I64,
                    sink().apply("Less", DType.BOOL, index, sink().integer(0)),
                    sink().integer(Long.MAX_VALUE),
                    index)
            : sink().apply("Max", DType.I64, index, sink().integer(0));
    return sink().apply("Min", DType.I64, low, region.dims().size(last));
  }

  boolean gather(Gather op, Node node) {
    Value x = node.operand(0);
    Value indices = node.operand(1);
    Grid held = held(indices, x.type().dim(op.axis()).minus(1));
    String index = region.full(held, indices.type().shape());
    return whole(
        node,
        sink()
            .add("Gather", List.of(region.full(x), index), NodeSink.attribute("axis", op.axis())));
  }

  boolean pad(Pad op, Node node) {
    if (!op.interior().equals(Collections.nCopies(op.low().size(), 0L)) || op.low().isEmpty()) {
      return false;
    }
    Value x = node.operand(0);
    DType dtype = Carriers.of(x.type().dtype());
    if (dtype == DType.BOOL) {
      return false;
    }
    List<Dim> both = new ArrayList<>(op.low());
    both.addAll(op.high());
    Tensor value = Tensor.zeros(dtype);
    if (dtype.isFloat()) {
      value.setDouble(0, op.value());
    } else {
      value.setLong(0, (long) op.value());
    }
    String name =
        sink()
            .add(
                "Pad",
                List.of(region.loaded(x).name(), region.dims().list(both), sink().constant(value)));
    region.define(node.result(), name);
    return true;
  }
}
