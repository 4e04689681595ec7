package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sqrt;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Normalizations other than those of batches.
final class NormRules {
  private NormRules() {}

  static void addTo(OpRules rules) {
    rules.add("LayerNormalization", NormRules::layer);
    rules.add("RMSNormalization", op -> op.out(rootMeanSquare(op)));
    rules.add("InstanceNormalization", op -> op.out(instance(op)));
    rules.add("GroupNormalization", op -> op.out(group(op)));
    rules.add("LpNormalization", op -> op.out(byNorm(op)));
    rules.add("LRN", op -> op.out(localResponse(op)));
    rules.add("MeanVarianceNormalization", op -> op.out(meanVariance(op)));
  }

  /// The axes of a tensor of `rank` from `first` on.
  private static List<Integer> from(int first, int rank) {
    return IntStream.range(first, rank).boxed().toList();
  }

  /// Normalized over all axes from `axis` on; mean and reciprocal deviation are further results.
  static List<Operand> layer(OpContext op) {
    Value x = op.in(0);
    List<Integer> axes = lastAxes(op);
    double eps = op.real("epsilon", 1e-5f);
    List<Value> operands = new ArrayList<>(List.of(x, factor(op, 1, axes)));
    if (op.has(2)) {
      operands.add(factor(op, 2, axes));
    }
    Value y = op.builder().add(new LayerNorm(axes, eps), operands, List.of(), "").result();
    if (!op.wants(1) && !op.wants(2)) {
      return op.out(y);
    }
    Value wide = op.cast(x, x.type().dtype().compute());
    Value mean = ReduceRules.mean(op, wide, axes);
    Value variance = variance(op, wide, mean, axes);
    Value inverse =
        Formulas.of(
            op,
            Elem.call(
                ScalarFn.DIV,
                real(variance.type().dtype(), 1),
                sqrt(add(arg(0), real(variance.type().dtype(), eps)))),
            variance);
    List<Dim> shape = x.type().shape();
    return op.out(
        y,
        ReduceRules.kept(op, mean, shape, axes, true),
        ReduceRules.kept(op, inverse, shape, axes, true));
  }

  private static List<Integer> lastAxes(OpContext op) {
    int rank = op.type(0).rank();
    return from(op.axis(op.integer("axis", -1), rank), rank);
  }

  /// A factor or summand in the sizes of the normalized axes and in the type of the input.
  private static Value factor(OpContext op, int input, List<Integer> axes) {
    List<Dim> sizes = axes.stream().map(op.type(0)::dim).toList();
    return op.broadcast(op.cast(op.in(input), op.type(0).dtype()), sizes);
  }

  /// The mean square of what a tensor differs from its mean.
  static Value variance(OpContext op, Value x, Value mean, List<Integer> axes) {
    Value centered = op.add(Pointwise.SUB, x, Broadcast.over(op.builder(), mean, axes, x));
    return ReduceRules.mean(op, op.add(Pointwise.MUL, centered, centered), axes);
  }

  static Value rootMeanSquare(OpContext op) {
    List<Integer> axes = lastAxes(op);
    return op.add(new RmsNorm(axes, op.real("epsilon", 1e-5f)), op.in(0), factor(op, 1, axes));
  }

  private static Value instance(OpContext op) {
    Value x = op.in(0);
    List<Integer> axes = from(2, x.type().rank());
    Value y = op.add(new LayerNorm(axes, op.real("epsilon", 1e-5f)), x);
    return scaled(op, y, op.in(1), op.in(2));
  }

  /// `y * scale + bias` with a number for each channel.
  private static Value scaled(OpContext op, Value y, Value scale, Value bias) {
    Broadcast spread = new Broadcast(List.of(1), y.type().shape());
    Value product = op.add(Pointwise.MUL, y, op.add(spread, scale));
    return op.add(Pointwise.ADD, product, op.add(spread, bias));
  }

  /// Scale and bias have a number for each group before version 21, for each channel since.
  private static Value group(OpContext op) {
    Value x = op.in(0);
    long groups = op.integer("num_groups", 1);
    if (op.version() >= 21) {
      return group(op, x, groups, op.in(1), op.in(2));
    }
    Value y = scaled(op, inGroups(op, x, groups), op.in(1), op.in(2));
    return op.reshape(y, x.type().shape());
  }

  /// Normalized in groups of channels, then scaled by a number for each channel.
  static Value group(OpContext op, Value x, long groups, Value scale, Value bias) {
    Value y = op.reshape(inGroups(op, x, groups), x.type().shape());
    DType dtype = x.type().dtype();
    return scaled(op, y, op.cast(scale, dtype), op.cast(bias, dtype));
  }

  /// `[batch, groups, all else]`, normalized over the last.
  private static Value inGroups(OpContext op, Value x, long count) {
    List<Dim> shape = x.type().shape();
    Dim groups = Dim.of(count);
    Dim members = shape.get(1).floorDiv(Math.max(count, 1));
    if (!groups.times(members).equals(shape.get(1))) {
      throw op.fail("divides %s channels into %s groups".formatted(shape.get(1), groups));
    }
    Dim rest = members.times(Dim.product(shape.subList(2, shape.size())));
    Value flat = op.reshape(x, List.of(shape.get(0), groups, rest));
    return op.add(new LayerNorm(List.of(2), op.real("epsilon", 1e-5f)), flat);
  }

  /// Divided by the sum of magnitudes or the root of the sum of squares; zeros stay zeros.
  private static Value byNorm(OpContext op) {
    Value x = op.in(0);
    DType dtype = x.type().dtype();
    List<Integer> axes = List.of(op.axis(op.integer("axis", -1), x.type().rank()));
    long p = op.integer("p", 2);
    if (p != 1 && p != 2) {
      throw op.fail("has p = %d, which is neither 1 nor 2".formatted(p));
    }
    Value norm =
        p == 1
            ? ReduceRules.sum(op, op.add(Pointwise.ABS, x), axes)
            : op.add(Pointwise.SQRT, ReduceRules.sum(op, op.add(Pointwise.MUL, x, x), axes));
    Elem quotient = select(eq(arg(1), real(dtype, 0)), real(dtype, 0), div(arg(0), arg(1)));
    return Formulas.of(op, quotient, x, Broadcast.over(op.builder(), norm, axes, x));
  }

  /// Divided by a power of the sum of squares over neighbouring channels.
  private static Value localResponse(OpContext op) {
    Value x = op.in(0);
    DType dtype = x.type().dtype();
    long size = op.integer("size", 1);
    Value squares =
        op.each(
            x.type().shape(),
            (at, fresh) -> {
              Axis neighbour = fresh.axis(Dim.of(size));
              Dim channel = at.get(1).plus(neighbour.index()).minus((size - 1) / 2);
              List<Dim> place = new ArrayList<>(at);
              place.set(1, channel);
              Elem read = Elem.read(0, place);
              return new Elem.Reduce(
                  Reducer.SUM,
                  dtype.compute(),
                  List.of(neighbour),
                  select(Elem.inRange(channel, x.type().dim(1)), mul(read, read), real(dtype, 0)));
            },
            x);
    Elem base =
        add(
            real(dtype, op.real("bias", 1)),
            mul(real(dtype, op.real("alpha", 1e-4f) / size), arg(1)));
    Elem power = Elem.call(ScalarFn.POW, base, real(dtype, op.real("beta", 0.75)));
    return Formulas.of(op, div(arg(0), power), x, squares);
  }

  private static Value meanVariance(OpContext op) {
    Value x = op.in(0);
    DType dtype = x.type().dtype();
    int rank = x.type().rank();
    List<Integer> axes = op.axes(op.integers("axes").orElse(List.of(0L, 2L, 3L)), rank);
    Value mean = ReduceRules.mean(op, x, axes);
    Value centered = op.add(Pointwise.SUB, x, Broadcast.over(op.builder(), mean, axes, x));
    Value variance = ReduceRules.mean(op, op.add(Pointwise.MUL, centered, centered), axes);
    Value deviation = Formulas.of(op, add(sqrt(arg(0)), real(dtype, 1e-9)), variance);
    return op.add(Pointwise.DIV, centered, Broadcast.over(op.builder(), deviation, axes, x));
  }
}
