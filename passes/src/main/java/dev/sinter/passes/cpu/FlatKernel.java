package dev.sinter.passes.cpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.Store;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A [TileKernel] with each access at its place in memory: the layouts are resolved, and what is
/// asked often of a value (type, axes, what it is made of) is at hand.
///
/// @param source the kernel
/// @param axes its axes; two that always lie one after the other in memory have become one
/// @param values one for each definition
/// @param writes one for each store
/// @param computed the indices that are values, by the symbol that stands for each in a place
record FlatKernel(
    TileKernel source,
    List<Axis> axes,
    List<Value> values,
    List<Write> writes,
    Map<String, Computed> computed) {
  /// A definition.
  ///
  /// @param number its place in the body
  /// @param definition what it is
  /// @param dtype its type
  /// @param axes the axes it varies along
  /// @param parts the values it is made of, those of its indices and its guard included
  /// @param place where a load reads, in elements; 0 for anything else
  record Value(
      int number,
      Definition definition,
      DType dtype,
      Set<String> axes,
      List<Integer> parts,
      Dim place) {}

  /// A store.
  ///
  /// @param store what it is
  /// @param axes the axes it runs over
  /// @param parts the values it needs
  /// @param place where it writes, in elements
  record Write(Store store, Set<String> axes, List<Integer> parts, Dim place) {}

  /// An index that is a value.
  ///
  /// @param value the definition's number
  /// @param limit the size of the axis that it indexes
  record Computed(int value, Dim limit) {}

  /// Resolves the layouts of `source`.
  static FlatKernel of(TileKernel source) {
    Map<String, Computed> computed = new LinkedHashMap<>();
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < source.body().size(); i++) {
      values.add(value(source, i, values, computed));
    }
    List<Write> writes = new ArrayList<>();
    for (Store store : source.stores()) {
      Dim place = place(source, store.buffer(), store.at(), computed);
      List<Integer> parts = new ArrayList<>(parts(store.at()));
      parts.add(store.value());
      Set<String> axes = new TreeSet<>(values.get(store.value()).axes());
      axes.addAll(axes(store.at(), values));
      writes.add(new Write(store, axes, parts, place));
    }
    FlatKernel flat = new FlatKernel(source, source.axes(), values, writes, computed);
    return FuseAxes.fuse(OverMemory.of(flat).orElse(flat));
  }

  private static Value value(
      TileKernel source, int number, List<Value> before, Map<String, Computed> computed) {
    Definition definition = source.body().get(number);
    return switch (definition) {
      case Definition.Load(int buffer, List<TileIndex> at, Optional<Integer> guard) -> {
        List<Integer> parts = new ArrayList<>(parts(at));
        guard.ifPresent(parts::add);
        Set<String> axes = axes(at, before);
        guard.ifPresent(g -> axes.addAll(before.get(g).axes()));
        DType dtype = read(source.buffers().get(buffer));
        Dim place = place(source, buffer, at, computed);
        yield new Value(number, definition, dtype, axes, parts, place);
      }
      case Definition.Constant(var literal) ->
          new Value(number, definition, literal.dtype(), Set.of(), List.of(), Dim.ZERO);
      case Definition.IndexValue(DType dtype, Dim expr) ->
          new Value(number, definition, dtype, axesOf(expr), List.of(), Dim.ZERO);
      case Definition.Apply(var fn, List<Integer> args) -> {
        Set<String> axes = new TreeSet<>();
        args.forEach(a -> axes.addAll(before.get(a).axes()));
        DType dtype = fn.result(args.stream().map(a -> before.get(a).dtype()).toList());
        yield new Value(number, definition, dtype, axes, args, Dim.ZERO);
      }
      case Definition.Cast(DType dtype, int arg) ->
          new Value(number, definition, dtype, before.get(arg).axes(), List.of(arg), Dim.ZERO);
      case Definition.Reduce(var reducer, var accumulator, List<String> over, int arg) -> {
        Set<String> axes = new TreeSet<>(before.get(arg).axes());
        over.forEach(axes::remove);
        yield new Value(number, definition, before.get(arg).dtype(), axes, List.of(arg), Dim.ZERO);
      }
    };
  }

  /// The type of what a load gives: narrow integers are taken out of wide ones.
  private static DType read(TileKernel.Buffer buffer) {
    DType dtype = buffer.type().dtype();
    return buffer.layout() instanceof Layout.Interleaved && !dtype.isFloat() ? DType.I32 : dtype;
  }

  private static List<Integer> parts(List<TileIndex> at) {
    List<Integer> parts = new ArrayList<>();
    for (TileIndex index : at) {
      if (index instanceof TileIndex.Computed(int value)) {
        parts.add(value);
      }
    }
    return parts;
  }

  private static Set<String> axes(List<TileIndex> at, List<Value> values) {
    Set<String> axes = new TreeSet<>();
    for (TileIndex index : at) {
      axes.addAll(
          switch (index) {
            case TileIndex.At(Dim expr) -> axesOf(expr);
            case TileIndex.Computed(int value) -> values.get(value).axes();
          });
    }
    return axes;
  }

  /// The axes that an index expression mentions.
  static Set<String> axesOf(Dim expr) {
    Set<String> axes = new TreeSet<>();
    for (String symbol : expr.symbols()) {
      if (symbol.startsWith("%")) {
        axes.add(symbol);
      }
    }
    return axes;
  }

  private static Dim place(
      TileKernel source, int buffer, List<TileIndex> at, Map<String, Computed> computed) {
    TileKernel.Buffer b = source.buffers().get(buffer);
    List<Dim> index = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      Dim limit = b.type().dim(i);
      index.add(
          switch (at.get(i)) {
            case TileIndex.At(Dim expr) -> expr;
            case TileIndex.Computed(int value) -> {
              String symbol = "#" + value + "<" + limit;
              computed.put(symbol, new Computed(value, limit));
              yield Dim.symbol(symbol);
            }
          });
    }
    return b.layout().offset(b.type().shape(), index);
  }

  /// The axis of this symbol.
  Axis axis(String symbol) {
    for (Axis axis : axes) {
      if (axis.symbol().equals(symbol)) {
        return axis;
      }
    }
    throw new CompilerBug("schedule", source.name() + " has no axis " + symbol);
  }

  /// The symbols of all axes.
  Set<String> axesOfKernel() {
    Set<String> all = new TreeSet<>();
    axes.forEach(a -> all.add(a.symbol()));
    return all;
  }

  /// Whether a vector of a buffer that begins within `axis` can be read as a whole: the buffer is
  /// cut into panels along it, the last of which is padded.
  boolean isPadded(int buffer, List<TileIndex> at, String axis) {
    int cut =
        switch (source.buffers().get(buffer).layout()) {
          case Layout.Panels panels -> panels.axis();
          case Layout.Interleaved interleaved -> interleaved.axis();
          case Layout.Dense _ -> -1;
        };
    return cut >= 0
        && at.get(cut) instanceof TileIndex.At(Dim expr)
        && axis.equals(expr.symbolName());
  }

  /// Whether such a vector can be written as a whole: what lies behind the end of `axis` is
  /// padding, and no element that another kernel writes.
  boolean isPadded(Write write, String axis) {
    int buffer = write.store().buffer();
    return isPadded(buffer, write.store().at(), axis)
        && source.buffers().get(buffer).layout() instanceof Layout.Panels panels
        && source.buffers().get(buffer).type().dim(panels.axis()).equals(axis(axis).extent());
  }

  /// How many vectors of a buffer lie in one of integers: 1, unless its elements are narrow.
  int vectors(int buffer) {
    return source.buffers().get(buffer).layout() instanceof Layout.Interleaved interleaved
        ? interleaved.vectors()
        : 1;
  }

  /// The most vectors along `axis` that lie in one of integers.
  int vectorsAlong(String axis) {
    int most = 1;
    for (Value value : values) {
      if (value.definition() instanceof Definition.Load load
          && isPadded(load.buffer(), load.at(), axis)) {
        most = Math.max(most, vectors(load.buffer()));
      }
    }
    return most;
  }

  /// What the value of this number is.
  Definition definition(int value) {
    return values.get(value).definition();
  }

  /// Whether the value of this number is written in the kernel.
  boolean isConstant(int value) {
    return definition(value) instanceof Definition.Constant;
  }

  /// The index that `symbol` stands for.
  Computed computed(String symbol) {
    return Objects.requireNonNull(computed.get(symbol));
  }

  /// Whether a value is a function that is many operations on a CPU.
  static boolean isDear(Value value) {
    return value.definition() instanceof Definition.Apply apply
        && ScalarExpansion.of(apply.fn()).isPresent();
  }

  /// Whether `from` is made of `value`, at any depth.
  boolean uses(int from, int value) {
    Set<Integer> seen = new LinkedHashSet<>();
    List<Integer> todo = new ArrayList<>(values.get(from).parts());
    while (!todo.isEmpty()) {
      int next = todo.removeLast();
      if (next == value) {
        return true;
      }
      if (next > value && seen.add(next)) {
        todo.addAll(values.get(next).parts());
      }
    }
    return false;
  }

  /// Whether some buffer is both read and written, so that no point may be computed twice.
  boolean isInPlace() {
    for (Write write : writes) {
      int buffer = write.store().buffer();
      if (write.store().accumulate().isPresent()
          || values.stream()
              .anyMatch(v -> v.definition() instanceof Definition.Load l && l.buffer() == buffer)) {
        return true;
      }
    }
    return false;
  }
}
