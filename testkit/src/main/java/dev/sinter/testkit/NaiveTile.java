package dev.sinter.testkit;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// What a [TileKernel] computes, by its definition: each store at each of its points, floats in
/// `f64`.
///
/// @param kernel the kernel
/// @param sizes the values of its sizes, the number of lanes included
/// @param memory each buffer's elements where its layout puts them
public record NaiveTile(TileKernel kernel, Map<String, Long> sizes, List<Tensor> memory) {
  /// A number: the field that the type asks for.
  private record Num(double real, long integer) {}

  /// Runs the kernel.
  public void run() {
    for (TileKernel.Store store : kernel.stores()) {
      Set<String> axes = new TreeSet<>(axes(store.value()));
      for (TileIndex index : store.at()) {
        switch (index) {
          case TileIndex.At(Dim expr) -> axes.addAll(axesOf(expr));
          case TileIndex.Computed(int value) -> axes.addAll(axes(value));
        }
      }
      each(ordered(axes), new HashMap<>(), point -> write(store, point));
    }
  }

  private List<String> ordered(Set<String> axes) {
    List<String> order = new ArrayList<>();
    for (Axis axis : kernel.axes()) {
      if (axes.contains(axis.symbol())) {
        order.add(axis.symbol());
      }
    }
    return order;
  }

  private void write(TileKernel.Store store, Map<String, Long> point) {
    Tensor to = memory.get(store.buffer());
    long at = place(store.buffer(), store.at(), point);
    DType dtype = to.dtype();
    Num value = value(store.value(), point);
    if (store.accumulate().isPresent()) {
      value = apply(store.accumulate().get().join(), dtype, List.of(read(to, at), value));
    }
    if (dtype.isFloat()) {
      to.setDouble(at, value.real);
    } else {
      to.setLong(at, value.integer);
    }
  }

  private static Num read(Tensor from, long at) {
    return from.dtype().isFloat() ? new Num(from.getDouble(at), 0) : new Num(0, from.getLong(at));
  }

  private interface Visit {
    void at(Map<String, Long> point);
  }

  private void each(List<String> axes, Map<String, Long> point, Visit visit) {
    if (axes.isEmpty()) {
      visit.at(point);
      return;
    }
    String axis = axes.getFirst();
    long extent = extent(axis);
    for (long i = 0; i < extent; i++) {
      Map<String, Long> next = new HashMap<>(point);
      next.put(axis, i);
      each(axes.subList(1, axes.size()), next, visit);
    }
  }

  private long extent(String symbol) {
    for (Axis axis : kernel.axes()) {
      if (axis.symbol().equals(symbol)) {
        return evaluate(axis.extent(), Map.of());
      }
    }
    throw new IllegalArgumentException(symbol);
  }

  private long evaluate(Dim dim, Map<String, Long> point) {
    return dim.evaluate(
        s -> Objects.requireNonNull(point.containsKey(s) ? point.get(s) : sizes.get(s), s));
  }

  private long place(int buffer, List<TileIndex> at, Map<String, Long> point) {
    TileKernel.Buffer b = kernel.buffers().get(buffer);
    List<Dim> index = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      long limit = evaluate(b.type().dim(i), point);
      index.add(
          switch (at.get(i)) {
            case TileIndex.At(Dim expr) -> Dim.of(evaluate(expr, point));
            case TileIndex.Computed(int value) ->
                Dim.of(Math.clamp(value(value, point).integer, 0, limit - 1));
          });
    }
    return evaluate(b.layout().offset(b.type().shape(), index), point);
  }

  private DType dtype(int v) {
    return switch (kernel.body().get(v)) {
      case Definition.Load load -> kernel.buffers().get(load.buffer()).type().dtype();
      case Definition.Constant constant -> constant.literal().dtype();
      case Definition.IndexValue index -> index.dtype();
      case Definition.Apply apply ->
          apply.fn().result(apply.args().stream().map(this::dtype).toList());
      case Definition.Cast cast -> cast.dtype();
      case Definition.Reduce reduce -> dtype(reduce.arg());
    };
  }

  private Num value(int v, Map<String, Long> point) {
    return switch (kernel.body().get(v)) {
      case Definition.Load load -> {
        boolean read = load.guard().isEmpty() || value(load.guard().get(), point).integer != 0;
        yield read
            ? read(memory.get(load.buffer()), place(load.buffer(), load.at(), point))
            : new Num(0, 0);
      }
      case Definition.Constant(var literal) ->
          new Num(
              literal.dtype().isFloat() ? literal.dtype().round(literal.real()) : 0,
              literal.integer());
      case Definition.IndexValue(DType dtype, Dim expr) -> {
        long index = evaluate(expr, point);
        yield convert(new Num(0, index), DType.I64, dtype);
      }
      case Definition.Apply(ScalarFn fn, List<Integer> args) -> {
        List<Num> values = new ArrayList<>();
        args.forEach(a -> values.add(value(a, point)));
        yield apply(fn, dtype(args.getLast()), values);
      }
      case Definition.Cast(DType dtype, int arg) -> convert(value(arg, point), dtype(arg), dtype);
      case Definition.Reduce reduce -> {
        Reducer reducer = reduce.reducer();
        DType acc = reduce.accumulator();
        Num[] sum = {new Num(reducer.identity(acc).real(), reducer.identity(acc).integer())};
        each(
            reduce.axes(),
            point,
            p ->
                sum[0] =
                    apply(
                        reducer.join(),
                        acc,
                        List.of(
                            sum[0], convert(value(reduce.arg(), p), dtype(reduce.arg()), acc))));
        yield convert(sum[0], acc, dtype(reduce.arg()));
      }
    };
  }

  private static Num apply(ScalarFn fn, DType dtype, List<Num> args) {
    if (fn == ScalarFn.SELECT) {
      return args.get(0).integer != 0 ? args.get(1) : args.get(2);
    }
    if (dtype.isFloat()) {
      double[] x = args.stream().mapToDouble(Num::real).toArray();
      double y = ScalarMath.apply(fn, dtype, x);
      return new Num(y, (long) y);
    }
    long y = ScalarMath.apply(fn, dtype, args.stream().mapToLong(Num::integer).toArray());
    return new Num(0, y);
  }

  private static Num convert(Num value, DType from, DType to) {
    if (from == to) {
      return value;
    }
    if (from.isFloat()) {
      return to.isFloat()
          ? new Num(to.round(value.real), 0)
          : new Num(0, ScalarMath.toInteger(value.real, to));
    }
    return to.isFloat()
        ? new Num(ScalarMath.toReal(value.integer, from, to), 0)
        : new Num(0, to.wrap(value.integer));
  }

  private Set<String> axes(int v) {
    Set<String> axes = new TreeSet<>();
    switch (kernel.body().get(v)) {
      case Definition.Load load -> {
        for (TileIndex index : load.at()) {
          switch (index) {
            case TileIndex.At(Dim expr) -> axes.addAll(axesOf(expr));
            case TileIndex.Computed(int value) -> axes.addAll(axes(value));
          }
        }
        load.guard().ifPresent(g -> axes.addAll(axes(g)));
      }
      case Definition.Constant constant -> {}
      case Definition.IndexValue index -> axes.addAll(axesOf(index.expr()));
      case Definition.Apply apply -> apply.args().forEach(a -> axes.addAll(axes(a)));
      case Definition.Cast cast -> axes.addAll(axes(cast.arg()));
      case Definition.Reduce reduce -> {
        axes.addAll(axes(reduce.arg()));
        reduce.axes().forEach(axes::remove);
      }
    }
    return axes;
  }

  private static Set<String> axesOf(Dim expr) {
    Set<String> axes = new TreeSet<>(expr.symbols());
    axes.removeIf(s -> !s.startsWith("%"));
    return axes;
  }
}
