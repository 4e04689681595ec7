package dev.sinter.testkit;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.DynamicSlice;
import dev.sinter.ir.op.FoldKey;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Interleave;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Rows for ops that reckon where an element is: slices, pads, gathers, comprehensions.
final class RandomIndexing {
  private final RandomOps ops;

  RandomIndexing(RandomOps ops) {
    this.ops = ops;
  }

  void add(Map<String, Supplier<RandomOps.Candidate>> rows) {
    rows.put(
        "slice",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          List<Dim> starts = new ArrayList<>();
          List<Dim> sizes = new ArrayList<>();
          List<Long> steps = new ArrayList<>();
          for (Dim dim : x.type().shape()) {
            boolean reversed = ops.random.nextInt(4) == 0;
            long step = ops.random.nextInt(3) == 0 ? 2 : 1;
            long cut = dim.isConstant() ? ops.between(0, dim.constant() - 1) : 0;
            starts.add(reversed ? dim.minus(1) : Dim.of(cut));
            sizes.add(dim.minus(cut).ceilDiv(Dim.of(step)));
            steps.add(reversed ? -step : step);
          }
          return ops.node(new Slice(starts, sizes, steps), x);
        });
    rows.put(
        "pad",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1 && t.dtype() != DType.BOOL);
          List<Dim> low = x.type().shape().stream().map(d -> Dim.of(ops.between(0, 2))).toList();
          List<Dim> high = x.type().shape().stream().map(d -> Dim.of(ops.between(0, 2))).toList();
          List<Long> interior = x.type().shape().stream().map(d -> ops.between(0, 1)).toList();
          return ops.node(new Pad(low, high, interior, (double) ops.between(-1, 1)), x);
        });
    rows.put(
        "concat",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          return ops.random.nextBoolean()
              ? ops.node(new Concat(ops.axis(x)), x, ops.like(x.type()))
              : ops.node(new Concat(ops.axis(x)), x, ops.like(x.type()), x);
        });
    rows.put(
        "interleave",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          return ops.random.nextBoolean()
              ? ops.node(new Interleave(ops.axis(x), 2), x, ops.like(x.type()))
              : ops.node(new Interleave(ops.axis(x), 3), x, ops.like(x.type()), x);
        });
    rows.put(
        "gather",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          int axis = ops.axis(x);
          double last = (double) ops.value(x.type().dim(axis));
          DType dtype = ops.oneOf(List.of(DType.I32, DType.I64, DType.I8));
          TensorType type =
              ops.random.nextInt(3) == 0
                  ? TensorType.of(dtype, ops.between(1, 3), ops.between(1, 2))
                  : TensorType.of(dtype, ops.between(1, 4));
          return ops.node(new Gather(axis), x, ops.fresh(type, -1, last + 1));
        });
    rows.put(
        "scatter",
        () -> {
          Value slices = ops.ranked(1);
          int axis = ops.axis(slices);
          Dim size = Dim.of(ops.between(1, 5));
          TensorType type = new TensorType(DType.I32, List.of(slices.type().dim(axis)));
          return ops.node(
              new Scatter(axis, size), ops.fresh(type, 0, (double) size.constant()), slices);
        });
    rows.put(
        "dynamic_slice",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          int axis = ops.axis(x);
          long size = ops.between(1, ops.value(x.type().dim(axis)));
          Value start = ops.fresh(RandomOps.scalar(DType.I32), -1, 4);
          return ops.node(
              new DynamicSlice(axis, x.type().dim(axis).isConstant() ? Dim.of(size) : Dim.ONE),
              x,
              start);
        });
    rows.put(
        "update_slice",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1);
          int axis = ops.axis(x);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          shape.set(axis, Dim.ONE);
          Value update = ops.like(x.type().withShape(shape));
          return ops.node(
              new UpdateSlice(axis), x, update, ops.fresh(RandomOps.scalar(DType.I32), -1, 4));
        });
    rows.put(
        "random_bits",
        () ->
            ops.node(
                new RandomBits(ops.any(t -> true).type().shape()),
                ops.like(TensorType.of(DType.U32, 2))));
    rows.put(
        "fold_key",
        () ->
            ops.node(
                new FoldKey(),
                ops.like(TensorType.of(DType.U32, 2)),
                ops.fresh(RandomOps.scalar(DType.I32))));
    rows.put("comprehension", this::comprehension);
    rows.put("accumulate", this::accumulate);
  }

  /// Element `i` less half its neighbour, or the sum over neighbours.
  private RandomOps.Candidate comprehension() {
    Value x = ops.ranked(1);
    Dim size = x.type().dim(0);
    List<Axis> axes = new ArrayList<>();
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < x.type().rank(); i++) {
      axes.add(new Axis("%" + i, x.type().dim(i)));
      at.add(axes.get(i).index());
    }
    List<Dim> next = new ArrayList<>(at);
    DType dtype = x.type().dtype();
    if (ops.random.nextBoolean()) {
      next.set(0, at.getFirst().plus(1));
      Elem neighbour =
          Elem.call(
              ScalarFn.SELECT,
              Elem.inRange(next.getFirst(), size),
              Elem.read(0, next),
              Elem.literal(dtype, 0.0));
      Elem half = Elem.call(ScalarFn.MUL, Elem.literal(dtype, 0.5), neighbour);
      return ops.node(new Comprehension(axes, Elem.call(ScalarFn.SUB, Elem.read(0, at), half)), x);
    }
    Axis summed = new Axis("%k", size);
    next.set(0, summed.index());
    Elem product = Elem.call(ScalarFn.MUL, Elem.read(0, next), Elem.read(0, at));
    return ops.node(
        new Comprehension(
            axes, new Elem.Reduce(Reducer.SUM, dtype.compute(), List.of(summed), product)),
        x);
  }

  /// Each element of the first axis added to place `i / 2`.
  private RandomOps.Candidate accumulate() {
    Value x = ops.like(new TensorType(ops.floats, List.of(ops.ranked(1).type().dim(0))));
    Axis axis = new Axis("%0", x.type().dim(0));
    Elem place = new Elem.IndexValue(DType.I64, axis.index().floorDiv(2));
    return ops.node(
        new Accumulate(
            Reducer.SUM,
            List.of(axis),
            List.of(axis.extent().plus(1).floorDiv(2)),
            List.of(place),
            Elem.read(0, List.of(axis.index()))),
        x);
  }
}
