package dev.sinter.ir;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An op that says what each element of its result is, in terms of its operands' elements.
///
/// The implementations are records of attributes, one file each, in `dev.sinter.ir.op`. An
/// attribute is a number, a [Dim], a dtype, a text, an enum, an [Axis], an [Elem], or a list of
/// these: the text form prints and reads them by their component names.
public sealed interface Primitive extends Op
    permits dev.sinter.ir.op.Accumulate,
        dev.sinter.ir.op.Broadcast,
        dev.sinter.ir.op.Cast,
        dev.sinter.ir.op.Comprehension,
        dev.sinter.ir.op.Concat,
        dev.sinter.ir.op.Constant,
        dev.sinter.ir.op.Contract,
        dev.sinter.ir.op.Conv,
        dev.sinter.ir.op.ConvFilter,
        dev.sinter.ir.op.ConvInput,
        dev.sinter.ir.op.Cumulative,
        dev.sinter.ir.op.DynamicSlice,
        dev.sinter.ir.op.Fill,
        dev.sinter.ir.op.FoldKey,
        dev.sinter.ir.op.Gather,
        dev.sinter.ir.op.Interleave,
        dev.sinter.ir.op.Iota,
        dev.sinter.ir.op.Pad,
        dev.sinter.ir.op.Pool,
        dev.sinter.ir.op.PoolArgmax,
        dev.sinter.ir.op.PoolGrad,
        dev.sinter.ir.op.RandomBits,
        dev.sinter.ir.op.Reduce,
        dev.sinter.ir.op.Reshape,
        dev.sinter.ir.op.Scatter,
        dev.sinter.ir.op.Slice,
        dev.sinter.ir.op.Transpose,
        dev.sinter.ir.op.UpdateSlice,
        dev.sinter.ir.op.WinogradFilter,
        dev.sinter.ir.op.WinogradInput,
        dev.sinter.ir.op.WinogradOutput {
  /// What element `at` of the result is.
  ///
  /// @param operands the operands' types
  /// @param at an index expression for each axis of the result
  /// @param fresh names for the axes that the expression binds
  Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh);

  /// The family that schedules look for.
  Kind kind();

  /// That of the definition, [IndexedGradient], unless an op knows a better one.
  @Override
  default List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return IndexedGradient.of(b, node, this, Objects.requireNonNull(dy.getFirst()));
  }

  /// How the elements along an axis of the result take turns in how they are made, if they do: a
  /// kernel does not ask at each of them, it is written out for each turn.
  default Optional<Phases> phases() {
    return Optional.empty();
  }

  /// Turns along an axis: element `i` is made as element `i + count` is.
  record Phases(int axis, int count) {}

  /// Families of primitives, for fusion and scheduling.
  enum Kind {
    /// Each element reads at most one element of each operand: layouts, slices, pads, gathers.
    INDEXING,
    /// A reduction of one operand.
    REDUCTION,
    /// Sums of products of two operands.
    CONTRACTION,
    /// Contractions over a sliding window: convolution and its two derivatives.
    CONVOLUTION,
    /// Reductions over a sliding window.
    WINDOW,
    /// Linear maps of small tiles: the transforms of a fast convolution.
    TRANSFORM,
    /// Each element of an operand is added to one place of the result.
    SCATTER,
    /// Anything else.
    GENERAL
  }
}
