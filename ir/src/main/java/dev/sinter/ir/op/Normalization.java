package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What layer and root-mean-square normalisation share: the normalised tensor and its derivative.
///
/// @param b where nodes go
/// @param axes the axes that are normalised together
/// @param eps added to the mean square
/// @param centered whether the mean is taken off first
record Normalization(GraphBuilder b, List<Integer> axes, double eps, boolean centered) {
  /// Refuses operands other than a tensor and up to `most - 1` tensors of the normalised axes'
  /// sizes.
  static void check(Composite op, List<Integer> axes, List<Value> operands, int most) {
    List<TensorType> types = operands.stream().map(Value::type).toList();
    OpException.checkCount(op, types, 1, most);
    TensorType x = types.getFirst();
    axes.forEach(axis -> OpException.checkAxis(op, x, axis));
    TensorType expected = x.withShape(axes.stream().map(x::dim).toList());
    for (TensorType type : types.subList(1, types.size())) {
      if (!type.equals(expected)) {
        throw new OpException(
            op.mnemonic() + " of " + x + " takes a factor " + expected + ", not " + type);
      }
    }
  }

  private Value mean(Value x) {
    Value sum = Reduce.of(b, Reducer.SUM, axes, x);
    Dim count = Dim.product(axes.stream().map(x.type()::dim).toList());
    return Broadcast.over(b, b.add(Pointwise.DIV, sum, b.fill(sum.type(), count)), axes, x);
  }

  private Value center(Value x) {
    return centered ? b.add(Pointwise.SUB, x, mean(x)) : x;
  }

  /// `1 / sqrt(mean(x^2) + eps)` of a centered `x`, in its shape.
  private Value scale(Value x) {
    Value square = mean(b.add(Pointwise.MUL, x, x));
    return b.add(Pointwise.RSQRT, b.add(Pointwise.ADD, square, b.fill(x.type(), eps)));
  }

  /// `x` normalised.
  Value normalize(Value x) {
    Value c = center(x);
    return b.add(Pointwise.MUL, c, scale(c));
  }

  /// A tensor of the normalised axes' sizes, repeated over the others.
  Value spread(Value factor, Value like) {
    return Broadcast.over(b, factor, others(like), like);
  }

  private List<Integer> others(Value x) {
    return IntStream.range(0, x.type().rank()).boxed().filter(i -> !axes.contains(i)).toList();
  }

  /// The sum over all but the normalised axes.
  private Value total(Value x) {
    return others(x).isEmpty() ? x : Reduce.of(b, Reducer.SUM, others(x), x);
  }

  /// The cotangents of tensor, factor and summand of `normalize(x) * factor + summand`, of as many
  /// operands as there are: `scale * (g - mean(g) - y * mean(g * y))` with `g = dy * factor` and
  /// the normalised `y`.
  List<@Nullable Value> derivative(List<Value> operands, Value dy) {
    DType dtype = dy.type().dtype();
    Value x = Cast.to(b, operands.getFirst(), dtype.compute());
    Value d = Cast.to(b, dy, dtype.compute());
    Value c = center(x);
    Value scale = scale(c);
    Value y = b.add(Pointwise.MUL, c, scale);
    Value g = d;
    if (operands.size() > 1) {
      Value factor = Cast.to(b, operands.get(1), dtype.compute());
      g = b.add(Pointwise.MUL, d, spread(factor, x));
    }
    Value along = b.add(Pointwise.MUL, y, mean(b.add(Pointwise.MUL, g, y)));
    Value dx = b.add(Pointwise.MUL, scale, b.add(Pointwise.SUB, center(g), along));
    List<@Nullable Value> out = new ArrayList<>();
    out.add(Cast.to(b, dx, dtype));
    if (operands.size() > 1) {
      out.add(Cast.to(b, total(b.add(Pointwise.MUL, d, y)), dtype));
    }
    if (operands.size() > 2) {
      out.add(Cast.to(b, total(d), dtype));
    }
    return out;
  }
}
