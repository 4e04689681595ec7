package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Quantized tensors: an integer `q` stands for `(q - zero point) * scale`. Products are summed as
/// integers of 32 bits.
final class QuantRules {
  private QuantRules() {}

  static void addTo(OpRules rules) {
    rules.add("QuantizeLinear", op -> op.out(quantize(op)));
    rules.add("DequantizeLinear", op -> op.out(dequantize(op)));
    rules.add("DynamicQuantizeLinear", QuantRules::dynamic);
    rules.add("MatMulInteger", op -> op.out(matMulInteger(op)));
    rules.add("QLinearMatMul", op -> op.out(matMul(op)));
    rules.add("ConvInteger", op -> op.out(convInteger(op)));
    rules.add("QLinearConv", op -> op.out(conv(op)));
  }

  private static Value quantize(OpContext op) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    DType to = op.has(2) ? op.type(2).dtype() : named(op, DType.U8);
    DType type = x.type().dtype() == DType.F64 ? DType.F64 : DType.F32;
    Value scale = spread(op, op.cast(op.in(1), type), shape);
    Value ratio = op.add(Pointwise.DIV, op.cast(x, type), scale);
    return rounded(op, ratio, op.has(2) ? spread(op, op.cast(op.in(2), type), shape) : null, to);
  }

  /// The type that the attribute `output_dtype` names.
  private static DType named(OpContext op, DType otherwise) {
    int number = (int) op.integer("output_dtype", 0);
    return number == 0
        ? otherwise
        : OnnxTypes.of(number).orElseThrow(() -> op.fail("gives " + OnnxTypes.name(number)));
  }

  /// `round(ratio) + zero`, ties to even, held in the range of `to`.
  static Value rounded(OpContext op, Value ratio, @Nullable Value zero, DType to) {
    DType type = ratio.type().dtype();
    Elem whole = Elem.call(ScalarFn.ROUND, arg(0));
    Elem moved = zero == null ? whole : add(whole, arg(1));
    Elem held = min(max(moved, real(type, least(to))), real(type, greatest(to)));
    return op.cast(
        zero == null ? Formulas.of(op, held, ratio) : Formulas.of(op, held, ratio, zero), to);
  }

  private static double least(DType dtype) {
    return Reducer.MAX.identity(dtype).real();
  }

  private static double greatest(DType dtype) {
    return Reducer.MIN.identity(dtype).real();
  }

  /// A scale or zero point in the sizes of what it is for: it is a scalar, or a list along `axis`,
  /// or has one number for each block of `block_size` along `axis`.
  private static Value spread(OpContext op, Value value, List<Dim> shape) {
    int rank = value.type().rank();
    if (rank == 0 || (rank == 1 && value.type().dim(0).is(1))) {
      return op.broadcast(op.reshape(value, List.of()), shape);
    }
    int axis = op.axis(op.integer("axis", 1), shape.size());
    long block = op.integer("block_size", 0);
    if (rank == 1 && block == 0) {
      return op.add(new Broadcast(List.of(axis), shape), value);
    }
    if (rank != shape.size() || block < 1) {
      throw op.fail("has scales %s for %s".formatted(value.type(), shape));
    }
    return op.each(
        shape,
        at -> {
          List<Dim> place = new ArrayList<>(at);
          place.set(axis, at.get(axis).floorDiv(block));
          return Elem.read(0, place);
        },
        value);
  }

  private static Value dequantize(OpContext op) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    DType result = named(op, op.type(1).dtype());
    DType type = result == DType.F64 ? DType.F64 : DType.F32;
    Value wide = op.cast(centered(op, x, op.has(2) ? spread(op, op.in(2), shape) : null), type);
    Value scale = spread(op, op.cast(op.in(1), type), shape);
    return op.cast(op.add(Pointwise.MUL, wide, scale), result);
  }

  /// `x - zero` in 32 bits.
  static Value centered(OpContext op, Value x, @Nullable Value zero) {
    Value wide = op.cast(x, DType.I32);
    return zero == null
        ? wide
        : op.add(Pointwise.SUB, wide, op.broadcast(op.cast(zero, DType.I32), x.type().shape()));
  }

  /// Scale and zero point so that the range of the input, 0 included, is that of `u8`.
  static List<Operand> dynamic(OpContext op) {
    Value x = op.in(0);
    DType type = x.type().dtype();
    List<Dim> shape = x.type().shape();
    List<Integer> all = IntStream.range(0, shape.size()).boxed().toList();
    Value least = ReduceRules.reduce(op, Reducer.MIN, all, x);
    Value greatest = ReduceRules.reduce(op, Reducer.MAX, all, x);
    Elem zero = real(type, 0);
    Elem range = sub(max(arg(1), zero), min(arg(0), zero));
    Value scale = Formulas.of(op, div(range, real(type, 255)), least, greatest);
    Value start = Formulas.of(op, sub(zero, div(min(arg(0), zero), arg(1))), least, scale);
    Value point = rounded(op, start, null, DType.U8);
    Value ratio = op.add(Pointwise.DIV, x, op.broadcast(scale, shape));
    Value spread = op.broadcast(op.cast(point, type), shape);
    return op.out(rounded(op, ratio, spread, DType.U8), scale, point);
  }

  /// A number for each row of the left matrix, as it is broadcast to it.
  static Value rows(OpContext op, Value numbers) {
    boolean list = numbers.type().rank() == 1 && !numbers.type().dim(0).is(1);
    return list
        ? op.reshape(numbers, List.of(numbers.type().dim(0), Dim.ONE))
        : scalar(op, numbers);
  }

  /// One number in a list is a number.
  static Value scalar(OpContext op, Value numbers) {
    boolean one = numbers.type().shape().equals(List.of(Dim.ONE));
    return one ? op.reshape(numbers, List.of()) : numbers;
  }

  private static Value matMulInteger(OpContext op) {
    Value left = centered(op, op.in(0), op.has(2) ? rows(op, op.in(2)) : null);
    Value right = centered(op, op.in(1), op.has(3) ? scalar(op, op.in(3)) : null);
    return MatrixRules.product(op, left, right);
  }

  private static Value matMul(OpContext op) {
    Value left = centered(op, op.in(0), rows(op, op.in(2)));
    Value right = centered(op, op.in(3), scalar(op, op.in(5)));
    Value product = MatrixRules.product(op, left, right);
    return requantized(
        op,
        product,
        List.of(rows(op, op.in(1)), scalar(op, op.in(4)), rows(op, op.in(6))),
        rows(op, op.in(7)));
  }

  /// A list with a number for each output channel, as it is broadcast to a tensor whose axis `axis`
  /// they are; of several axes one number is a number.
  private static Value channels(OpContext op, Value numbers, int axis, int rank) {
    Value plain = scalar(op, numbers);
    if (plain.type().rank() == 0) {
      return plain;
    }
    List<Dim> shape = new ArrayList<>(Collections.nCopies(rank - axis, Dim.ONE));
    shape.set(0, plain.type().dim(0));
    return op.reshape(plain, shape);
  }

  private static Value convInteger(OpContext op) {
    int rank = op.type(1).rank();
    Value x = centered(op, op.in(0), op.has(2) ? scalar(op, op.in(2)) : null);
    Value w = centered(op, op.in(1), op.has(3) ? channels(op, op.in(3), 0, rank) : null);
    return ConvRules.conv(op, x, w);
  }

  private static Value conv(OpContext op) {
    int rank = op.type(3).rank();
    Value x = centered(op, op.in(0), scalar(op, op.in(2)));
    Value w = centered(op, op.in(3), channels(op, op.in(5), 0, rank));
    Value sum = ConvRules.biased(op, ConvRules.conv(op, x, w), 8);
    return requantized(
        op,
        sum,
        List.of(scalar(op, op.in(1)), channels(op, op.in(4), 1, rank), scalar(op, op.in(6))),
        scalar(op, op.in(7)));
  }

  /// `round(sum * (a * b / y)) + zero` for the scales `a`, `b` and `y` of operands and result.
  static Value requantized(OpContext op, Value sum, List<Value> scales, Value zero) {
    List<Dim> shape = sum.type().shape();
    List<Value> args = new ArrayList<>(List.of(op.cast(sum, DType.F32)));
    for (Value scale : scales) {
      args.add(op.broadcast(op.cast(scale, DType.F32), shape));
    }
    Elem factor = div(mul(arg(1), arg(2)), arg(3));
    Value ratio = op.builder().formula(mul(arg(0), factor), args);
    Value spread = op.broadcast(op.cast(zero, DType.F32), shape);
    return rounded(op, ratio, spread, zero.type().dtype());
  }
}
