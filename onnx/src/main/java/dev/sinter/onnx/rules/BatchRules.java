package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sqrt;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// What does one thing in training and another in use: batch normalization and dropout.
final class BatchRules {
  private BatchRules() {}

  static void addTo(OpRules rules) {
    rules.add("BatchNormalization", BatchRules::normalization);
    rules.add("Dropout", BatchRules::dropout);
  }

  /// In training with the batch's own mean and variance, and new running ones as further results.
  private static List<Operand> normalization(OpContext op) {
    Value x = op.in(0);
    int rank = x.type().rank();
    // Before version 9 there could be a number for each place of an example.
    boolean each = op.version() < 9 && !op.flag("spatial", true);
    List<Integer> kept = each ? IntStream.range(1, rank).boxed().toList() : List.of(1);
    List<Integer> gone = IntStream.range(0, rank).filter(i -> !kept.contains(i)).boxed().toList();
    Value oldMean = op.in(3);
    Value oldVariance = op.in(4);
    if (!trains(op)) {
      return op.out(normalized(op, kept, oldMean, oldVariance));
    }
    Value wide = op.cast(x, oldMean.type().dtype());
    Value mean = ReduceRules.mean(op, wide, gone);
    Value variance = NormRules.variance(op, wide, mean, gone);
    Value y = normalized(op, kept, mean, variance);
    Value nextMean = blended(op, oldMean, mean);
    Value nextVariance = blended(op, oldVariance, variance);
    return op.out(y, nextMean, nextVariance, mean, variance);
  }

  /// Before version 14 a node trained that had more than one result, or before 7 one that was not
  /// marked as a test.
  private static boolean trains(OpContext op) {
    if (op.version() >= 14) {
      return op.flag("training_mode", false);
    }
    boolean more = IntStream.range(1, op.outputs()).anyMatch(op::wants);
    return more && (op.version() >= 7 || !op.flag("is_test", false));
  }

  /// `(x - mean) * (scale / sqrt(variance + eps)) + bias`.
  private static Value normalized(OpContext op, List<Integer> axes, Value mean, Value variance) {
    Value x = op.in(0);
    DType dtype = x.type().dtype();
    DType type = mean.type().dtype();
    Elem factor = div(arg(0), sqrt(add(arg(1), real(type, op.real("epsilon", 1e-5f)))));
    Value scale = Formulas.of(op, factor, op.cast(op.in(1), type), variance);
    Broadcast spread = new Broadcast(axes, x.type().shape());
    Value centered = op.add(Pointwise.SUB, op.cast(x, type), op.add(spread, mean));
    Value product = op.add(Pointwise.MUL, centered, op.add(spread, scale));
    Value bias = op.cast(op.in(2), type);
    return op.cast(op.add(Pointwise.ADD, product, op.add(spread, bias)), dtype);
  }

  private static Value blended(OpContext op, Value old, Value now) {
    double momentum = op.real("momentum", 0.9f);
    DType dtype = old.type().dtype();
    Elem sum = add(mul(arg(0), real(dtype, momentum)), mul(arg(1), real(dtype, 1 - momentum)));
    return Formulas.of(op, sum, old, now);
  }

  /// The input itself, unless an input since version 12 says that it is in training.
  private static List<Operand> dropout(OpContext op) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    DType maskType = op.version() < 10 ? x.type().dtype() : DType.BOOL;
    boolean never = !op.has(2) || op.constant(2).filter(t -> t.getLong(0) == 0).isPresent();
    if (never) {
      return List.of(op.operand(0), Operand.of(op.fill(maskType, 1, shape)));
    }
    DType type = x.type().dtype().compute();
    Value ratio =
        op.has(1) ? op.cast(op.reshape(op.in(1), List.of()), type) : op.fill(type, 0.5, List.of());
    Value training = op.broadcast(op.reshape(op.in(2), List.of()), shape);
    Value bits = op.add(new RandomBits(shape), op.known(key(op.integer("seed", 0))).value());
    Value share = op.broadcast(ratio, shape);
    Elem drawn = mul(arg(0), real(DType.F64, 0x1p-32));
    Value kept =
        Formulas.of(
            op,
            Elem.call(ScalarFn.GE, drawn, arg(1)),
            op.cast(bits, DType.F64),
            op.cast(share, DType.F64));
    Elem scaled = select(arg(1), div(arg(0), sub(real(type, 1), arg(2))), real(type, 0));
    Value dropped =
        op.cast(Formulas.of(op, scaled, op.cast(x, type), kept, share), x.type().dtype());
    Value mask = op.add(Pointwise.OR, kept, op.add(Pointwise.NOT, training));
    return op.out(op.add(Pointwise.SELECT, training, dropped, x), mask);
  }

  private static Tensor key(long seed) {
    Tensor key = Tensor.allocate(DType.U32, new long[] {2});
    key.setLong(0, seed >>> 32);
    key.setLong(1, seed & 0xffffffffL);
    return key;
  }
}
