package dev.sinter.onnx.rules;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Results for each set of axes that an operand may hold when the model runs, of which one is
/// chosen then.
final class Alternatives {
  /// More axes are not tried in all combinations.
  private static final int MOST_AXES = 12;

  private Alternatives() {}

  /// The axes of input `input`, or of the attribute `axes`, if they are known; none of an input
  /// that is left out or empty.
  static Optional<List<Integer>> known(OpContext op, int input, int rank) {
    if (op.hasAttribute("axes")) {
      return op.integers("axes").map(axes -> op.axes(axes, rank));
    }
    if (!op.has(input) || op.type(input).shape().equals(List.of(Dim.ZERO))) {
      return Optional.of(List.of());
    }
    return op.operand(input).numbers().map(axes -> op.axes(op.constants(axes), rank));
  }

  /// The sets of axes that input `input` may hold so that the sizes without them, or with ones in
  /// their place, are those declared for output 0.
  static List<List<Integer>> possible(OpContext op, int input, List<Dim> shape, boolean kept) {
    List<Dim> declared =
        op.declared(0)
            .orElseThrow(
                () -> op.fail("needs its axes when it is compiled, or the sizes of its result"));
    int rank = shape.size();
    Dim count = op.type(input).rank() == 0 ? Dim.ONE : op.type(input).dim(0);
    if (rank > MOST_AXES) {
      throw op.fail("has too many axes to choose from when the model runs");
    }
    // Axes of size 1 make no difference to the elements.
    Map<List<Integer>, List<Integer>> sets = new LinkedHashMap<>();
    for (int bits = 0; bits < 1 << rank; bits++) {
      List<Integer> gone = new ArrayList<>();
      List<Dim> left = new ArrayList<>();
      for (int axis = 0; axis < rank; axis++) {
        if ((bits >> axis & 1) != 0) {
          gone.add(axis);
        }
        if ((bits >> axis & 1) == 0) {
          left.add(shape.get(axis));
        } else if (kept) {
          left.add(Dim.ONE);
        }
      }
      boolean counts = !count.isConstant() || gone.size() <= count.constant();
      if (counts && left.equals(declared)) {
        sets.putIfAbsent(gone.stream().filter(axis -> !shape.get(axis).is(1)).toList(), gone);
      }
    }
    if (sets.isEmpty()) {
      throw op.fail("has no axes that make %s of %s".formatted(declared, shape));
    }
    return List.copyOf(sets.values());
  }

  /// The result for those axes that input `input` holds when the model runs.
  static Value choose(
      OpContext op,
      int input,
      List<List<Integer>> sets,
      int rank,
      Function<List<Integer>, Value> of) {
    Value chosen = of.apply(sets.getLast());
    for (List<Integer> axes : sets.subList(0, sets.size() - 1)) {
      Value other = of.apply(axes);
      Value holds = op.broadcast(holds(op, input, axes, rank), chosen.type().shape());
      chosen = op.add(Pointwise.SELECT, holds, other, chosen);
    }
    return chosen;
  }

  /// Whether the input holds these axes and no others.
  private static Value holds(OpContext op, int input, Collection<Integer> axes, int rank) {
    Value held = op.in(input);
    return op.each(
        List.of(),
        (at, fresh) -> {
          List<Elem> conditions = new ArrayList<>();
          for (int axis = 0; axis < rank; axis++) {
            List<Axis> bound = held.type().shape().stream().map(fresh::axis).toList();
            Elem read = new Elem.Read(0, Index.of(bound.stream().map(Axis::index).toList()));
            DType dtype = held.type().dtype();
            Elem same =
                Formulas.or(
                    Formulas.eq(read, Elem.literal(dtype, (long) axis)),
                    Formulas.eq(read, Elem.literal(dtype, (long) axis - rank)));
            Elem any =
                bound.isEmpty() ? same : new Elem.Reduce(Reducer.ANY, DType.BOOL, bound, same);
            conditions.add(axes.contains(axis) ? any : Formulas.not(any));
          }
          return conditions.stream().reduce(Formulas::and).orElse(Elem.literal(DType.BOOL, 1L));
        },
        held);
  }
}
