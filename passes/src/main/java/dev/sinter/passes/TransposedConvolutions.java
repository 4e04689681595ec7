package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Interleave;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes convolutions of transposed ones, which are also the gradients of convolutions by their
/// input.
///
/// Along an axis, place `i` of the result meets place `(i + low - k * dilation) / stride` of `dy`
/// for the places `k` of the window for which that is whole. A window that moves by several places
/// thus leaves a convolution that moves by one for each phase `i mod stride`, of the places `k = (i
/// + low) mod stride, k + stride, ...` of its window, and their results follow one another.
final class TransposedConvolutions {
  /// Each phase is a kernel or more: windows that move by four places along two axes are divided
  /// so, those that move by 32, as some networks enlarge their last picture, are not.
  private static final long MOST_PHASES = 16;

  private TransposedConvolutions() {}

  static Rule rule() {
    return Rule.exact("conv-input-is-conv", TransposedConvolutions::input);
  }

  /// What a phase is along an axis.
  ///
  /// @param first the first place of its window in the whole one
  /// @param taps how many places that are a stride apart follow
  /// @param low places of zeros before `dy`
  /// @param high places of zeros after `dy`
  private record Phase(long first, long taps, long low, long high) {
    /// The phase `at` of an axis, if it is known how `dy` has to be padded for it.
    static Optional<Phase> of(ConvInput c, TensorType dy, TensorType w, int axis, long at) {
      long stride = c.strides().get(axis);
      long dilation = c.dilations().get(axis);
      Dim window = w.dim(axis + 2);
      if (!window.isConstant() || (stride > 1 && dilation > 1)) {
        return Optional.empty();
      }
      long from = at + c.padLow().get(axis);
      long first = from % stride;
      long taps = Math.max(0, Math.ceilDiv(window.constant() - first, stride));
      long reach = (taps - 1) * dilation;
      long low = reach - from / stride;
      // Places of the result = places of dy + low + high - reach.
      Dim high = places(c, axis).minus(dy.dim(axis + 2)).plus(reach - low);
      return taps == 0
          ? Optional.of(new Phase(first, 0, 0, 0))
          : low < 0 || !high.isConstant() || high.constant() < 0
              ? Optional.empty()
              : Optional.of(new Phase(first, taps, low, high.constant()));
    }

    /// The places of a phase's result along an axis; of the last ones some are not wanted.
    static Dim places(ConvInput c, int axis) {
      return c.sizes().get(axis).ceilDiv(Dim.of(c.strides().get(axis)));
    }
  }

  private static @Nullable Value input(GraphBuilder b, Node node) {
    if (!(node.op() instanceof ConvInput c)) {
      return null;
    }
    TensorType dy = node.operand(0).type();
    TensorType w = node.operand(1).type();
    List<List<Phase>> phases = List.of(List.of());
    for (int axis = 0; axis < c.sizes().size(); axis++) {
      if (c.strides().get(axis) > MOST_PHASES / phases.size()) {
        return null;
      }
      List<List<Phase>> longer = new ArrayList<>();
      for (List<Phase> before : phases) {
        for (long at = 0; at < c.strides().get(axis); at++) {
          Optional<Phase> phase = Phase.of(c, dy, w, axis, at);
          if (phase.isEmpty()) {
            return null;
          }
          List<Phase> all = new ArrayList<>(before);
          all.add(phase.get());
          longer.add(all);
        }
      }
      phases = longer;
    }
    List<Value> results = new ArrayList<>();
    for (List<Phase> phase : phases) {
      results.add(one(b, c, node.operand(0), node.operand(1), phase));
    }
    return results.size() == 1 ? results.getFirst() : interleaved(b, c, results);
  }

  /// The places of the result that belong to one phase along each axis.
  private static Value one(GraphBuilder b, ConvInput c, Value dy, Value w, List<Phase> phases) {
    int rank = w.type().rank();
    if (phases.stream().anyMatch(p -> p.taps() == 0)) {
      List<Dim> shape =
          new ArrayList<>(List.of(dy.type().dim(0), w.type().dim(1).times(c.groups())));
      IntStream.range(2, rank).forEach(i -> shape.add(Phase.places(c, i - 2)));
      return b.fill(dy.type().withShape(shape), 0);
    }
    List<Dim> starts = new ArrayList<>(List.of(Dim.ZERO, Dim.ZERO));
    List<Dim> sizes = new ArrayList<>(w.type().shape().subList(0, 2));
    List<Long> steps = new ArrayList<>(List.of(1L, 1L));
    for (int i = 2; i < rank; i++) {
      Phase phase = phases.get(i - 2);
      long stride = c.strides().get(i - 2);
      starts.add(Dim.of(phase.first() + (phase.taps() - 1) * stride));
      sizes.add(Dim.of(phase.taps()));
      steps.add(-stride);
    }
    Value turned = swapped(b, b.add(new Slice(starts, sizes, steps), w), c.groups());
    List<Long> none = Collections.nCopies(phases.size(), 0L);
    List<Long> ones = Collections.nCopies(phases.size(), 1L);
    return b.add(
        new Conv(ones, none, none, c.dilations(), c.groups(), c.accumulator()),
        PadConvolutions.padded(
            b,
            dy,
            phases.stream().map(Phase::low).toList(),
            phases.stream().map(Phase::high).toList()),
        turned);
  }

  /// The filter `[O, C / groups, window...]` as `[C, O / groups, window...]`.
  private static Value swapped(GraphBuilder b, Value w, long groups) {
    List<Dim> window = w.type().shape().subList(2, w.type().rank());
    Dim inputs = w.type().dim(1);
    Dim outputs = w.type().dim(0).floorDiv(groups);
    List<Dim> apart = new ArrayList<>(List.of(Dim.of(groups), outputs, inputs));
    List<Dim> together = new ArrayList<>(List.of(inputs.times(groups), outputs));
    apart.addAll(window);
    together.addAll(window);
    List<Integer> order = new ArrayList<>(List.of(0, 2, 1));
    IntStream.range(3, apart.size()).forEach(order::add);
    Value grouped = b.add(new Reshape(apart), w);
    return b.add(new Reshape(together), b.add(new Transpose(order), grouped));
  }

  /// The results of all phases, the last axis' phases fastest, each at its places.
  private static Value interleaved(GraphBuilder b, ConvInput c, List<Value> results) {
    List<Value> parts = results;
    for (int axis = c.sizes().size() - 1; axis >= 0; axis--) {
      int stride = Math.toIntExact(c.strides().get(axis));
      List<Value> longer = new ArrayList<>();
      for (int i = 0; i < parts.size(); i += stride) {
        Value[] turns = parts.subList(i, i + stride).toArray(Value[]::new);
        Value all = stride == 1 ? turns[0] : b.add(new Interleave(axis + 2, stride), turns);
        Dim size = c.sizes().get(axis);
        longer.add(
            all.type().dim(axis + 2).equals(size)
                ? all
                : Slice.of(b, all, axis + 2, Dim.ZERO, size));
      }
      parts = longer;
    }
    return parts.getFirst();
  }
}
