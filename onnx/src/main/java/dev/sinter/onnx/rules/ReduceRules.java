package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.abs;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Reduce;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Reductions over axes, which are an attribute or an input. Without axes they go over all, unless
/// `noop_with_empty_axes` says over none.
final class ReduceRules {
  private ReduceRules() {}

  /// The reduction of a tensor over axes, which the result lacks.
  private interface Reduction {
    Value of(OpContext op, Value x, List<Integer> axes);
  }

  static void addTo(OpRules rules) {
    add(rules, "ReduceSum", ReduceRules::sum);
    add(rules, "ReduceProd", (op, x, axes) -> reduce(op, Reducer.PRODUCT, axes, x));
    add(rules, "ReduceMax", (op, x, axes) -> extreme(op, Reducer.MAX, Reducer.ANY, axes, x));
    add(rules, "ReduceMin", (op, x, axes) -> extreme(op, Reducer.MIN, Reducer.ALL, axes, x));
    add(rules, "ReduceMean", ReduceRules::mean);
    add(rules, "ReduceL1", (op, x, axes) -> sum(op, op.add(Pointwise.ABS, x), axes));
    add(rules, "ReduceSumSquare", (op, x, axes) -> sum(op, op.add(Pointwise.MUL, x, x), axes));
    add(rules, "ReduceL2", inFloats(ReduceRules::norm));
    add(rules, "ReduceLogSum", inFloats((op, x, axes) -> op.add(Pointwise.LOG, sum(op, x, axes))));
    add(rules, "ReduceLogSumExp", inFloats(ReduceRules::logSumExp));
  }

  private static void add(OpRules rules, String name, Reduction reduction) {
    rules.add(name, op -> op.out(reduced(op, reduction)));
  }

  private static Value reduced(OpContext op, Reduction reduction) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    int rank = shape.size();
    boolean kept = op.flag("keepdims", true);
    Optional<List<Integer>> known = Alternatives.known(op, 1, rank);
    if (known.isPresent()) {
      boolean all = known.get().isEmpty() && !op.flag("noop_with_empty_axes", false);
      List<Integer> axes = all ? IntStream.range(0, rank).boxed().toList() : known.get();
      return kept(op, reduction.of(op, x, axes), shape, axes, kept);
    }
    return Alternatives.choose(
        op,
        1,
        Alternatives.possible(op, 1, shape, kept),
        rank,
        axes -> kept(op, reduction.of(op, x, axes), shape, axes, kept));
  }

  /// The reduced tensor, with ones in the place of the axes that are gone if they are to be kept.
  static Value kept(
      OpContext op, Value reduced, List<Dim> shape, List<Integer> axes, boolean kept) {
    if (!kept) {
      return reduced;
    }
    List<Dim> sizes = new ArrayList<>(shape);
    axes.forEach(axis -> sizes.set(axis, Dim.ONE));
    return op.reshape(reduced, sizes);
  }

  static Value reduce(OpContext op, Reducer reducer, List<Integer> axes, Value x) {
    return axes.isEmpty() ? x : Reduce.of(op.builder(), reducer, axes, x);
  }

  static Value sum(OpContext op, Value x, List<Integer> axes) {
    return reduce(op, Reducer.SUM, axes, x);
  }

  static Value mean(OpContext op, Value x, List<Integer> axes) {
    Value sum = sum(op, x, axes);
    Dim count = Dim.product(axes.stream().map(x.type()::dim).toList());
    return op.add(Pointwise.DIV, sum, op.builder().fill(sum.type(), count));
  }

  /// The root of the sum of squares.
  private static Value norm(OpContext op, Value x, List<Integer> axes) {
    return op.add(Pointwise.SQRT, sum(op, op.add(Pointwise.MUL, x, x), axes));
  }

  private static Value extreme(
      OpContext op, Reducer ofNumbers, Reducer ofBools, List<Integer> axes, Value x) {
    return reduce(op, x.type().dtype() == DType.BOOL ? ofBools : ofNumbers, axes, x);
  }

  /// The largest element is taken off first, unless it is infinite.
  private static Value logSumExp(OpContext op, Value x, List<Integer> axes) {
    DType dtype = x.type().dtype();
    Value max = reduce(op, Reducer.MAX, axes, x);
    Value finite =
        Formulas.of(
            op,
            select(eq(abs(arg(0)), real(dtype, Double.POSITIVE_INFINITY)), real(dtype, 0), arg(0)),
            max);
    Value less = op.add(Pointwise.SUB, x, Broadcast.over(op.builder(), finite, axes, x));
    Value sum = sum(op, op.add(Pointwise.EXP, less), axes);
    return op.add(Pointwise.ADD, op.add(Pointwise.LOG, sum), finite);
  }

  /// Integers are reckoned as floats and converted back.
  private static Reduction inFloats(Reduction reduction) {
    return (op, x, axes) -> {
      DType dtype = x.type().dtype();
      Value wide = op.cast(x, Formulas.floats(dtype));
      return op.cast(reduction.of(op, wide, axes), dtype);
    };
  }
}
