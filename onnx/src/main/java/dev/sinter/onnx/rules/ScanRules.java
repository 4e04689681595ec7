package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The places of extremes, running sums and products, and the largest elements along an axis.
final class ScanRules {
  private ScanRules() {}

  static void addTo(OpRules rules) {
    rules.add("ArgMax", op -> op.out(place(op, op.in(0))));
    rules.add("ArgMin", op -> op.out(place(op, reversed(op, op.in(0)))));
    rules.add("CumSum", op -> op.out(running(op, Reducer.SUM)));
    rules.add("CumProd", op -> op.out(running(op, Reducer.PRODUCT)));
    rules.add("TopK", ScanRules::largest);
  }

  /// Numbers of the same type in the opposite order; its own inverse.
  private static Value reversed(OpContext op, Value x) {
    return op.add(x.type().dtype().isFloat() ? Pointwise.NEG : Pointwise.NOT, x);
  }

  /// The place of the largest element along an axis: of several the first, or the last.
  private static Value place(OpContext op, Value x) {
    int axis = op.axis(op.integer("axis", 0), x.type().rank());
    List<Integer> axes = List.of(axis);
    Value max = Broadcast.over(op.builder(), ReduceRules.reduce(op, Reducer.MAX, axes, x), axes, x);
    Value hit = op.add(Pointwise.EQ, x, max);
    if (x.type().dtype().isFloat()) {
      hit = op.add(Pointwise.OR, hit, op.add(Pointwise.IS_NAN, x));
    }
    Reducer reducer = op.flag("select_last_index", false) ? Reducer.MAX : Reducer.MIN;
    Value places = op.add(new Iota(DType.I64, axis, x.type().shape()));
    Value none = op.builder().fill(reducer.identity(DType.I64), x.type().shape());
    Value place =
        ReduceRules.reduce(op, reducer, axes, op.add(Pointwise.SELECT, hit, places, none));
    return ReduceRules.kept(op, place, x.type().shape(), axes, op.flag("keepdims", true));
  }

  /// The axis is an input.
  private static Value running(OpContext op, Reducer reducer) {
    Value x = op.in(0);
    int rank = x.type().rank();
    List<List<Integer>> sets =
        Alternatives.known(op, 1, rank)
            .map(List::of)
            .orElseGet(() -> IntStream.range(0, rank).mapToObj(List::of).toList());
    return Alternatives.choose(
        op,
        1,
        sets,
        rank,
        axes ->
            op.add(
                new Cumulative(
                    reducer,
                    axes.getFirst(),
                    op.flag("exclusive", false),
                    op.flag("reverse", false),
                    x.type().dtype().compute()),
                x));
  }

  /// The first of all sorted elements: the number of them is an attribute before version 10.
  private static List<Operand> largest(OpContext op) {
    Value x = op.in(0);
    int rank = x.type().rank();
    int axis = op.axis(op.integer("axis", -1), rank);
    boolean smallest = !op.flag("largest", true);
    Dim count = count(op, axis);
    List<Integer> swapped = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.swap(swapped, axis, rank - 1);
    Value last = op.add(new Transpose(swapped), smallest ? reversed(op, x) : x);
    Node sorted = op.builder().add(Extern.SORT, List.of(last), List.of(), "");
    List<Value> results = new ArrayList<>();
    for (Value all : sorted.results()) {
      Value first = Slice.of(op.builder(), all, rank - 1, Dim.ZERO, count);
      results.add(op.add(new Transpose(swapped), first));
    }
    if (smallest) {
      results.set(0, reversed(op, results.getFirst()));
    }
    return op.out(results.get(0), results.get(1));
  }

  private static Dim count(OpContext op, int axis) {
    if (op.version() < 10) {
      return Dim.of(op.integer("k", 0));
    }
    Optional<List<Dim>> known = op.operand(1).numbers();
    if (known.isPresent()) {
      return known.get().getFirst();
    }
    for (int output = 0; output < op.outputs(); output++) {
      Optional<List<Dim>> declared = op.declared(output);
      if (declared.isPresent()) {
        return declared.get().get(axis);
      }
    }
    throw op.fail("needs k when it is compiled, or the sizes of its result");
  }
}
