package dev.sinter.ir.kernel;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What one launch computes, without lanes, threads or loop order: values over an iteration domain.
///
/// Each definition is a value for every point of the axes it depends on: those in its index
/// expressions and of its arguments, less the axes that a reduction in it has consumed. A store
/// writes its value for every point of the axes in its index. The axes in a store's index are the
/// parallel ones; the others are reduced. One axis may be both: in a softmax over rows the column
/// axis is reduced by the maximum and the sum, and stored along.
///
/// A buffer may be both read and written, which says that the result lies in the memory of an
/// operand: then each element is read at the point that writes it only, before it is written, and
/// never inside a reduction over one of its axes. A schedule that computes a point twice must not
/// do so here.
///
/// @param name the name for people, from the graph's nodes
/// @param buffers what is read and written, in the logical shape of the tensors
/// @param axes all axes
/// @param body definitions; a number refers to an earlier one by its place
/// @param stores what is written
public record TileKernel(
    String name, List<Buffer> buffers, List<Axis> axes, List<Definition> body, List<Store> stores) {
  public TileKernel {
    buffers = List.copyOf(buffers);
    axes = List.copyOf(axes);
    body = List.copyOf(body);
    stores = List.copyOf(stores);
  }

  /// The symbols of sizes that are not constant, sorted: what a launch passes in. The turn of a
  /// loop is one of them; the number of lanes is not.
  public List<String> sizes() {
    Set<String> names = new TreeSet<>();
    expressions().forEach(dim -> names.addAll(dim.symbols()));
    names.removeIf(name -> name.startsWith("%") || name.equals(LoopKernel.LANES));
    return List.copyOf(names);
  }

  /// Every expression in the kernel, as it is written: buffers, axes, definitions, stores.
  public List<Dim> expressions() {
    List<Dim> all = new ArrayList<>();
    buffers.forEach(buffer -> all.addAll(buffer.type().shape()));
    axes.forEach(axis -> all.add(axis.extent()));
    for (Definition definition : body) {
      switch (definition) {
        case Definition.Load load -> all.addAll(exprs(load.at()));
        case Definition.IndexValue index -> all.add(index.expr());
        case Definition.Constant _, Definition.Apply _, Definition.Cast _, Definition.Reduce _ -> {}
      }
    }
    stores.forEach(store -> all.addAll(exprs(store.at())));
    return all;
  }

  private static List<Dim> exprs(List<TileIndex> at) {
    List<Dim> out = new ArrayList<>();
    for (TileIndex index : at) {
      if (index instanceof TileIndex.At(Dim expr)) {
        out.add(expr);
      }
    }
    return out;
  }

  /// The axes that each definition depends on, in the order of the body.
  public List<Set<String>> dependences() {
    List<Set<String>> out = new ArrayList<>();
    body.forEach(definition -> out.add(dependences(definition, out)));
    return out;
  }

  /// The axes that one definition depends on, given those of the definitions before it.
  public static Set<String> dependences(Definition definition, List<Set<String>> before) {
    Set<String> axes = new TreeSet<>();
    switch (definition) {
      case Definition.Load(int buffer, List<TileIndex> at, Optional<Integer> guard) -> {
        axes.addAll(dependences(at, before));
        guard.ifPresent(g -> axes.addAll(before.get(g)));
      }
      case Definition.Constant _ -> {}
      case Definition.IndexValue(DType dtype, Dim expr) -> axes.addAll(expr.symbols());
      case Definition.Apply(ScalarFn fn, List<Integer> args) ->
          args.forEach(arg -> axes.addAll(before.get(arg)));
      case Definition.Cast(DType dtype, int arg) -> axes.addAll(before.get(arg));
      case Definition.Reduce(Reducer reducer, DType type, List<String> reduced, int arg) -> {
        axes.addAll(before.get(arg));
        reduced.forEach(axes::remove);
      }
    }
    axes.removeIf(name -> !name.startsWith("%"));
    return axes;
  }

  /// The axes of an index, given those of the definitions.
  public static Set<String> dependences(List<TileIndex> at, List<Set<String>> definitions) {
    Set<String> axes = new TreeSet<>();
    for (TileIndex index : at) {
      switch (index) {
        case TileIndex.At(Dim expr) -> axes.addAll(expr.symbols());
        case TileIndex.Computed(int value) -> axes.addAll(definitions.get(value));
      }
    }
    axes.removeIf(name -> !name.startsWith("%"));
    return axes;
  }

  /// The type of each definition, in the order of the body.
  public List<DType> dtypes() {
    List<DType> out = new ArrayList<>();
    for (Definition definition : body) {
      out.add(
          switch (definition) {
            case Definition.Load load -> buffers.get(load.buffer()).type().dtype();
            case Definition.Constant(Elem.Literal literal) -> literal.dtype();
            case Definition.IndexValue index -> index.dtype();
            case Definition.Apply(ScalarFn fn, List<Integer> args) ->
                fn.result(args.stream().map(out::get).toList());
            case Definition.Cast cast -> cast.dtype();
            case Definition.Reduce reduce -> out.get(reduce.arg());
          });
    }
    return out;
  }

  /// A tensor that the kernel reads or writes.
  ///
  /// @param name the name for people
  /// @param type the logical type
  /// @param layout where an element of the logical tensor lies in memory
  public record Buffer(String name, TensorType type, Layout layout) {
    /// The element type in memory.
    public DType storage() {
      return layout.storage(type.dtype());
    }
  }

  /// A value.
  public sealed interface Definition {
    /// An element of a buffer; where `guard` names a bool value, 0 where that is false, and nothing
    /// is read.
    record Load(int buffer, List<TileIndex> at, Optional<Integer> guard) implements Definition {
      public Load {
        at = List.copyOf(at);
      }
    }

    /// A number.
    record Constant(Elem.Literal literal) implements Definition {}

    /// The value of an index expression.
    record IndexValue(DType dtype, Dim expr) implements Definition {}

    /// A scalar function of values. A select takes either side; both are safe to compute.
    record Apply(ScalarFn fn, List<Integer> args) implements Definition {
      public Apply {
        args = List.copyOf(args);
      }
    }

    /// A conversion.
    record Cast(DType dtype, int arg) implements Definition {}

    /// A reduction over axes, accumulated in `accumulator`, rounded to the argument's type at the
    /// end.
    record Reduce(Reducer reducer, DType accumulator, List<String> axes, int arg)
        implements Definition {
      public Reduce {
        axes = List.copyOf(axes);
      }
    }
  }

  /// Where along one axis of a buffer an element lies.
  public sealed interface TileIndex {
    /// An expression over axes and sizes.
    record At(Dim expr) implements TileIndex {}

    /// An integer value, clamped to the axis.
    record Computed(int value) implements TileIndex {}
  }

  /// Writes a value; with `accumulate` it is joined to what is there, as a scatter does.
  public record Store(int buffer, List<TileIndex> at, int value, Optional<Reducer> accumulate) {
    public Store {
      at = List.copyOf(at);
    }
  }
}
