package dev.sinter.ir.kernel;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Optional;

/// What one launch computes, without lanes, threads or loop order: values over an iteration domain.
///
/// Each definition is a value for every point of the axes it depends on: those in its index
/// expressions and of its arguments, less the axes that a reduction in it has consumed. A store
/// writes its value for every point of the axes in its index. The axes in a store's index are the
/// parallel ones; the others are reduced. One axis may be both: in a softmax over rows the column
/// axis is reduced by the maximum and the sum, and stored along.
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

  /// A tensor that the kernel reads or writes.
  ///
  /// @param name the name for people
  /// @param type the logical type
  /// @param layout where an element of the logical tensor lies in memory
  public record Buffer(String name, TensorType type, Layout layout) {}

  /// A value.
  public sealed interface Definition {
    /// An element of a buffer; where `guard` names a bool value, 0 where that is false, and nothing
    /// is read.
    record Load(int buffer, List<TileIndex> at, Optional<Integer> guard) implements Definition {}

    /// A number.
    record Constant(Elem.Literal literal) implements Definition {}

    /// The value of an index expression.
    record IndexValue(DType dtype, Dim expr) implements Definition {}

    /// A scalar function of values. A select takes either side; both are safe to compute.
    record Apply(ScalarFn fn, List<Integer> args) implements Definition {}

    /// A conversion.
    record Cast(DType dtype, int arg) implements Definition {}

    /// A reduction over axes, accumulated in `accumulator`, rounded to the argument's type at the
    /// end.
    record Reduce(Reducer reducer, DType accumulator, List<String> axes, int arg)
        implements Definition {}
  }

  /// Where along one axis of a buffer an element lies.
  public sealed interface TileIndex {
    /// An expression over axes and sizes.
    record At(Dim expr) implements TileIndex {}

    /// An integer value.
    record Computed(int value) implements TileIndex {}
  }

  /// Writes a value; with `accumulate` it is joined to what is there, as a scatter does.
  public record Store(int buffer, List<TileIndex> at, int value, Optional<Reducer> accumulate) {}
}
