package dev.sinter.testkit;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Op;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.CrossEntropy;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.LogSumExp;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Softmax;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/// Rows for ops that reduce: plain reductions, products, and what is made of both.
final class RandomReductions {
  private final RandomOps ops;

  RandomReductions(RandomOps ops) {
    this.ops = ops;
  }

  void add(Map<String, Supplier<RandomOps.Candidate>> rows) {
    rows.put(
        "reduce",
        () -> {
          boolean logical = ops.random.nextInt(4) == 0;
          Value x = ops.any(t -> t.rank() >= 1 && (t.dtype() == DType.BOOL) == logical);
          Reducer reducer =
              logical
                  ? ops.oneOf(List.of(Reducer.ANY, Reducer.ALL))
                  : ops.oneOf(List.of(Reducer.SUM, Reducer.PRODUCT, Reducer.MAX, Reducer.MIN));
          return ops.node(new Reduce(reducer, ops.axes(x), x.type().dtype().compute()), x);
        });
    rows.put(
        "cumulative",
        () -> {
          Value x = ops.any(t -> t.rank() >= 1 && t.dtype() != DType.BOOL);
          Reducer reducer =
              ops.oneOf(List.of(Reducer.SUM, Reducer.PRODUCT, Reducer.MAX, Reducer.MIN));
          boolean exclusive =
              ops.random.nextBoolean() && (reducer == Reducer.SUM || reducer == Reducer.PRODUCT);
          DType accumulator = x.type().dtype().compute();
          return ops.node(
              new Cumulative(
                  reducer, ops.axis(x), exclusive, ops.random.nextBoolean(), accumulator),
              x);
        });
    rows.put("contract", this::contract);
    rows.put("softmax", () -> alongAxis(Softmax::new));
    rows.put("log_softmax", () -> alongAxis(LogSoftmax::new));
    rows.put("log_sum_exp", () -> alongAxis(LogSumExp::new));
    rows.put(
        "argmax",
        () -> alongAxis(axis -> new Argmax(axis, ops.oneOf(List.of(DType.I32, DType.I64)))));
    rows.put(
        "layer_norm",
        () -> {
          Value x = ops.ranked(1);
          List<Integer> axes = ops.axes(x);
          TensorType inner = x.type().withShape(axes.stream().map(a -> x.type().dim(a)).toList());
          LayerNorm op = new LayerNorm(axes, 0.1);
          return ops.random.nextBoolean()
              ? ops.node(op, x)
              : ops.node(op, x, ops.like(inner), ops.like(inner));
        });
    rows.put(
        "rms_norm",
        () -> {
          Value x = ops.ranked(1);
          List<Integer> axes = ops.axes(x);
          TensorType inner = x.type().withShape(axes.stream().map(a -> x.type().dim(a)).toList());
          RmsNorm op = new RmsNorm(axes, 0.1);
          return ops.random.nextBoolean() ? ops.node(op, x) : ops.node(op, x, ops.like(inner));
        });
    rows.put(
        "cross_entropy",
        () -> {
          Value x = ops.ranked(1);
          int axis = ops.axis(x);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          double classes = (double) ops.value(shape.remove(axis));
          Value labels = ops.fresh(new TensorType(DType.I32, shape), -1, classes);
          return ops.node(new CrossEntropy(axis), x, labels);
        });
  }

  private RandomOps.Candidate alongAxis(Function<Integer, Op> op) {
    Value x = ops.ranked(1);
    return ops.node(op.apply(ops.axis(x)), x);
  }

  /// A contraction over one axis of a value and a new or known one: a matrix, a vector, a batch.
  private RandomOps.Candidate contract() {
    Value x = ops.ranked(1);
    int rank = x.type().rank();
    String letters = "abcd".substring(0, rank);
    int summed = ops.axis(x);
    Dim size = x.type().dim(summed);
    char k = letters.charAt(summed);
    String kept = letters.replace(String.valueOf(k), "");
    List<Dim> shape = new ArrayList<>(List.of(size));
    String right = String.valueOf(k);
    String out = kept;
    if (ops.random.nextInt(4) > 0) {
      shape.add(Dim.of(ops.between(1, 5)));
      right += "z";
      out += "z";
    }
    if (!kept.isEmpty() && ops.random.nextInt(4) == 0) {
      // An axis that both have and the result keeps.
      shape.addFirst(x.type().dim(letters.indexOf(kept.charAt(0))));
      right = kept.charAt(0) + right;
    }
    Value w = ops.like(new TensorType(x.type().dtype(), shape));
    return ops.node(new Contract(letters, right, out, x.type().dtype().compute()), x, w);
  }
}
