package dev.sinter.ir.interpreter;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.diagnostic.CompilerBug;
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

/// Runs a [TileKernel] as it is written: each definition is computed for all points of its axes
/// before the next, all stores come last. Slow, and needs memory for all points.
///
/// Floats are computed in `f64` and rounded when they are stored; every index is checked.
public final class TileEvaluator {
  private final TileKernel kernel;
  private final List<Tensor> memory;
  private final Bindings sizes;
  private final IndexCompiler indices;
  private final Map<String, Integer> slots = new HashMap<>();
  private final Map<String, Long> extents = new HashMap<>();
  private final List<DType> dtypes;
  private final List<Set<String>> dependences;
  private final List<Column> columns = new ArrayList<>();
  private Frame frame = new Frame(0, new Numbers[0]);

  /// A definition's values for all points of its axes.
  private static final class Column {
    private final Numbers values;
    private final int[] slots;
    private final long[] strides;

    Column(Numbers values, int[] slots, long[] strides) {
      this.values = values;
      this.slots = slots;
      this.strides = strides;
    }

    Numbers values() {
      return values;
    }

    int at(Frame frame) {
      long place = 0;
      for (int i = 0; i < slots.length; i++) {
        place += frame.axes[slots[i]] * strides[i];
      }
      return Math.toIntExact(place);
    }

    long integer(Frame frame) {
      return values.integers[at(frame)];
    }
  }

  private TileEvaluator(TileKernel kernel, List<Tensor> memory, Bindings sizes) {
    this.kernel = kernel;
    this.memory = memory;
    this.sizes = sizes;
    this.indices = new IndexCompiler(sizes);
    this.dtypes = kernel.dtypes();
    this.dependences = kernel.dependences();
  }

  /// Runs `kernel`.
  ///
  /// @param memory for each buffer its elements as they lie in memory, of any shape
  /// @param sizes the kernel's sizes, and the number of lanes where a layout has it
  public static void run(TileKernel kernel, List<Tensor> memory, Bindings sizes) {
    new TileEvaluator(kernel, memory, sizes).run();
  }

  private void run() {
    for (Axis axis : kernel.axes()) {
      slots.put(axis.symbol(), indices.bind(axis.symbol()).slot());
      extents.put(axis.symbol(), sizes.evaluate(axis.extent()));
    }
    for (int i = 0; i < kernel.body().size(); i++) {
      columns.add(column(i));
    }
    List<Runnable> writes = new ArrayList<>();
    for (TileKernel.Store store : kernel.stores()) {
      writes.add(() -> store(store));
    }
    writes.forEach(Runnable::run);
  }

  private void store(TileKernel.Store store) {
    Access access = new Access(store.buffer(), store.at());
    Column column = columns.get(store.value());
    Tensor to = memory.get(store.buffer());
    Set<String> axes = TileKernel.dependences(store.at(), dependences);
    axes.addAll(dependences.get(store.value()));
    overAll(
        List.copyOf(axes),
        () -> {
          long place = access.place();
          int at = column.at(frame);
          if (to.dtype().isFloat()) {
            double value = column.values().reals[at];
            to.setDouble(
                place,
                store.accumulate().isPresent()
                    ? join(store.accumulate().get(), to.getDouble(place), value)
                    : value);
          } else {
            long value = column.values().integers[at];
            to.setLong(
                place,
                store.accumulate().isPresent()
                    ? join(store.accumulate().get(), to.dtype(), to.getLong(place), value)
                    : value);
          }
        });
  }

  /// Runs `body` at all points of `axes`.
  private void overAll(List<String> axes, Runnable body) {
    frame = new Frame(indices.slots() + 1, new Numbers[0]);
    Loop loop = loop(axes);
    for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
      body.run();
    }
  }

  private Loop loop(List<String> axes) {
    int[] which = axes.stream().mapToInt(this::slot).toArray();
    Frame.Integral[] counts =
        axes.stream()
            .map(axis -> {
              long extent = extent(axis);
              return (Frame.Integral) f -> extent;
            })
            .toArray(Frame.Integral[]::new);
    return new Loop(which, counts);
  }

  private int slot(String axis) {
    return Objects.requireNonNull(slots.get(axis));
  }

  private long extent(String axis) {
    return Objects.requireNonNull(extents.get(axis));
  }

  private Column column(int number) {
    List<String> axes = List.copyOf(dependences.get(number));
    long[] shape = axes.stream().mapToLong(this::extent).toArray();
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    int[] own = axes.stream().mapToInt(this::slot).toArray();
    Column out = new Column(Numbers.zeros(dtypes.get(number), shape), own, strides);
    if (kernel.body().get(number) instanceof Definition.Reduce reduce) {
      reduce(reduce, out, axes);
    } else if (dtypes.get(number).isFloat()) {
      Frame.Real value = real(number);
      overAll(axes, () -> out.values().reals[out.at(frame)] = value.at(frame));
    } else {
      Frame.Integral value = integral(number);
      overAll(axes, () -> out.values().integers[out.at(frame)] = value.at(frame));
    }
    return out;
  }

  private Frame.Real real(int number) {
    DType dtype = dtypes.get(number);
    return switch (kernel.body().get(number)) {
      case Definition.Load load -> {
        Access access = new Access(load.buffer(), load.at());
        Tensor from = memory.get(load.buffer());
        yield f -> reads(load) ? from.getDouble(access.place()) : 0;
      }
      case Definition.Constant(var literal) -> f -> literal.real();
      case Definition.IndexValue(DType type, Dim expr) -> {
        Frame.Integral index = indices.compile(expr);
        yield f -> ScalarMath.toReal(index.at(f), DType.I64, type);
      }
      case Definition.Apply(ScalarFn fn, List<Integer> args) when fn == ScalarFn.SELECT -> {
        Column condition = columns.get(args.get(0));
        Column yes = columns.get(args.get(1));
        Column no = columns.get(args.get(2));
        yield f ->
            condition.integer(f) != 0 ? yes.values().reals[yes.at(f)] : no.values().reals[no.at(f)];
      }
      case Definition.Apply(ScalarFn fn, List<Integer> args) -> {
        double[] x = new double[args.size()];
        yield f -> {
          for (int i = 0; i < x.length; i++) {
            Column arg = columns.get(args.get(i));
            x[i] = arg.values().reals[arg.at(f)];
          }
          return ScalarMath.apply(fn, dtype, x);
        };
      }
      case Definition.Cast(DType type, int arg) -> {
        Column from = columns.get(arg);
        DType before = dtypes.get(arg);
        yield before.isFloat()
            ? f -> type.round(from.values().reals[from.at(f)])
            : f -> ScalarMath.toReal(from.integer(f), before, type);
      }
      case Definition.Reduce _ -> throw new IllegalStateException("reductions come apart");
    };
  }

  private Frame.Integral integral(int number) {
    return switch (kernel.body().get(number)) {
      case Definition.Load load -> {
        Access access = new Access(load.buffer(), load.at());
        Tensor from = memory.get(load.buffer());
        yield f -> reads(load) ? from.getLong(access.place()) : 0;
      }
      case Definition.Constant(var literal) -> f -> literal.integer();
      case Definition.IndexValue(DType type, Dim expr) -> {
        Frame.Integral index = indices.compile(expr);
        yield f -> type.wrap(index.at(f));
      }
      case Definition.Apply(ScalarFn fn, List<Integer> args) -> apply(fn, args);
      case Definition.Cast(DType type, int arg) -> {
        Column from = columns.get(arg);
        yield dtypes.get(arg).isFloat()
            ? f -> ScalarMath.toInteger(from.values().reals[from.at(f)], type)
            : f -> type.wrap(from.integer(f));
      }
      case Definition.Reduce _ -> throw new IllegalStateException("reductions come apart");
    };
  }

  private Frame.Integral apply(ScalarFn fn, List<Integer> args) {
    DType type = dtypes.get(args.getLast());
    if (type.isFloat()) {
      double[] x = new double[args.size()];
      return f -> {
        for (int i = 0; i < x.length; i++) {
          Column arg = columns.get(args.get(i));
          x[i] = arg.values().reals[arg.at(f)];
        }
        return (long) ScalarMath.apply(fn, type, x);
      };
    }
    long[] x = new long[args.size()];
    return f -> {
      for (int i = 0; i < x.length; i++) {
        x[i] = columns.get(args.get(i)).integer(f);
      }
      return ScalarMath.apply(fn, type, x);
    };
  }

  private boolean reads(Definition.Load load) {
    return load.guard().isEmpty() || columns.get(load.guard().get()).integer(frame) != 0;
  }

  private void reduce(Definition.Reduce reduce, Column out, List<String> axes) {
    Column arg = columns.get(reduce.arg());
    List<String> all = new ArrayList<>(axes);
    all.addAll(reduce.axes());
    DType type = dtypes.get(reduce.arg());
    if (type.isFloat()) {
      java.util.Arrays.fill(out.values().reals, reduce.reducer().identity());
      overAll(
          all,
          () -> {
            int at = out.at(frame);
            double next = arg.values().reals[arg.at(frame)];
            out.values().reals[at] = join(reduce.reducer(), out.values().reals[at], next);
          });
    } else {
      java.util.Arrays.fill(out.values().integers, reduce.reducer().identity(type).integer());
      overAll(
          all,
          () -> {
            int at = out.at(frame);
            long next = arg.integer(frame);
            out.values().integers[at] =
                join(reduce.reducer(), type, out.values().integers[at], next);
          });
    }
  }

  private static double join(Reducer reducer, double a, double b) {
    return switch (reducer) {
      case SUM -> a + b;
      case PRODUCT -> a * b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case ANY, ALL -> throw new CompilerBug("evaluator", reducer + " of floats");
    };
  }

  private static long join(Reducer reducer, DType type, long a, long b) {
    ScalarFn fn =
        switch (reducer) {
          case SUM -> ScalarFn.ADD;
          case PRODUCT -> ScalarFn.MUL;
          case MAX -> ScalarFn.MAX;
          case MIN -> ScalarFn.MIN;
          case ANY -> ScalarFn.OR;
          case ALL -> ScalarFn.AND;
        };
    return ScalarMath.apply(fn, type, a, b);
  }

  /// An access to a buffer: where an element lies in memory.
  private final class Access {
    private final TileKernel.Buffer buffer;
    private final List<TileIndex> at;
    private final List<Frame.Integral> index = new ArrayList<>();
    private final long[] limits;
    private final int[] own;
    private final Frame.Integral offset;

    Access(int number, List<TileIndex> at) {
      this.buffer = kernel.buffers().get(number);
      this.at = at;
      this.limits = sizes.shape(buffer.type().shape());
      this.own = new int[at.size()];
      List<Dim> symbols = new ArrayList<>();
      for (int i = 0; i < at.size(); i++) {
        // Each index goes through a slot of its own, so that the layout's map may use it at will.
        String symbol = "%index" + indices.slots();
        own[i] = indices.bind(symbol).slot();
        symbols.add(Dim.symbol(symbol));
        index.add(
            switch (at.get(i)) {
              case TileIndex.At(Dim expr) -> indices.compile(expr);
              case TileIndex.Computed(int value) -> f -> columns.get(value).integer(f);
            });
      }
      this.offset = indices.compile(buffer.layout().offset(buffer.type().shape(), symbols));
    }

    long place() {
      for (int i = 0; i < own.length; i++) {
        long where = index.get(i).at(frame);
        if (at.get(i) instanceof TileIndex.Computed) {
          where = Math.clamp(where, 0L, Math.max(0, limits[i] - 1));
        }
        if (where < 0 || where >= limits[i]) {
          throw new CompilerBug(
              "evaluator",
              kernel.name() + " reads or writes " + buffer.name() + at + " at " + where);
        }
        frame.axes[own[i]] = where;
      }
      return offset.at(frame);
    }
  }
}
