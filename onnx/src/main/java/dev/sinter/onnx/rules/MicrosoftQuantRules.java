package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The quantized operators of ONNX Runtime's own, which its quantizer writes. All but products are
/// computed in floats between the operands' scales and the result's.
final class MicrosoftQuantRules {
  private MicrosoftQuantRules() {}

  /// A function of the operator's first input.
  interface Function {
    Value of(OpContext op, Value x);
  }

  static void addTo(OpRules rules) {
    pair(rules, "QLinearAdd", Pointwise.ADD);
    pair(rules, "QLinearMul", Pointwise.MUL);
    function(rules, "QLinearSigmoid", (op, x) -> op.add(Pointwise.SIGMOID, x));
    function(
        rules,
        "QLinearLeakyRelu",
        (op, x) -> Formulas.apply(op, x, ActivationRules.leaky(op.real("alpha", 0.01f))));
    function(rules, "QLinearSoftmax", MicrosoftQuantRules::softmax);
    function(
        rules, "QLinearAveragePool", (op, x) -> channelsFirst(op, x, false, PoolRules::average));
    function(
        rules,
        "QLinearGlobalAveragePool",
        (op, x) -> channelsFirst(op, x, false, PoolRules::averageOfImage));
    add(rules, "QLinearConcat", MicrosoftQuantRules::concat);
    add(rules, "QGemm", MicrosoftQuantRules::gemm);
    add(rules, "MatMulIntegerToFloat", MicrosoftQuantRules::integerProduct);
    add(rules, "DynamicQuantizeMatMul", MicrosoftQuantRules::dynamicProduct);
    add(rules, "MatMulNBits", op -> BlockWeights.of(op).product());
    rules.add(MicrosoftRules.DOMAIN, "QAttention", op -> new MicrosoftAttention(op).quantized());
  }

  private interface Rule {
    Value apply(OpContext op);
  }

  private static void add(OpRules rules, String name, Rule rule) {
    rules.add(MicrosoftRules.DOMAIN, name, op -> op.out(rule.apply(op)));
  }

  /// Inputs: two tensors with their scales and zero points, then those of the result.
  private static void pair(OpRules rules, String name, Pointwise row) {
    add(
        rules,
        name,
        op -> {
          List<Value> both = op.broadcastAll(List.of(real(op, 0, 1, 2), real(op, 3, 4, 5)));
          Value y = op.add(row, both.get(0), both.get(1));
          return quantized(op, y, 6, 7, op.type(0).dtype());
        });
  }

  /// Inputs: a tensor with its scale and zero point, then those of the result.
  private static void function(OpRules rules, String name, Function function) {
    add(
        rules,
        name,
        op -> quantized(op, function.of(op, real(op, 0, 1, 2)), 3, 4, op.type(0).dtype()));
  }

  private static @Nullable Value point(OpContext op, int input) {
    return op.has(input) ? QuantRules.scalar(op, op.in(input)) : null;
  }

  /// What a quantized input stands for.
  private static Value real(OpContext op, int input, int scale, int zero) {
    Value wide = QuantRules.centered(op, op.in(input), point(op, zero));
    Value factor = QuantRules.scalar(op, op.in(scale));
    Value real = op.cast(wide, DType.F32);
    return op.add(Pointwise.MUL, real, op.broadcast(factor, real.type().shape()));
  }

  /// The numbers quantized by inputs that are a scale and a zero point.
  private static Value quantized(OpContext op, Value real, int scale, int zero, DType to) {
    List<Dim> shape = real.type().shape();
    Value factor = op.broadcast(QuantRules.scalar(op, op.in(scale)), shape);
    Value ratio = op.add(Pointwise.DIV, real, factor);
    Value point = point(op, zero);
    Value moved = point == null ? null : op.broadcast(op.cast(point, DType.F32), shape);
    return QuantRules.rounded(op, ratio, moved, to);
  }

  /// The function of `x` with the channels before the places of an image, where they are last.
  static Value channelsFirst(OpContext op, Value x, boolean otherwise, Function function) {
    if (!op.flag("channels_last", otherwise)) {
      return function.of(op, x);
    }
    return lastAgain(op, function.of(op, first(op, x)));
  }

  /// The last axis moved behind the first.
  static Value first(OpContext op, Value x) {
    int rank = x.type().rank();
    List<Integer> axes = new ArrayList<>(List.of(0, rank - 1));
    IntStream.range(1, rank - 1).forEach(axes::add);
    return op.add(new Transpose(axes), x);
  }

  /// The second axis moved to the end.
  static Value lastAgain(OpContext op, Value x) {
    int rank = x.type().rank();
    List<Integer> axes = new ArrayList<>(List.of(0));
    IntStream.range(2, rank).forEach(axes::add);
    axes.add(1);
    return op.add(new Transpose(axes), x);
  }

  /// The attribute `opset` says whose softmax it is: before version 13 it is over all axes from
  /// `axis` on.
  private static Value softmax(OpContext op, Value x) {
    List<Dim> shape = x.type().shape();
    boolean flat = op.integer("opset", 13) < 13;
    int axis = op.axis(op.integer("axis", flat ? 1 : -1), shape.size());
    if (!flat) {
      return op.add(new Softmax(axis), x);
    }
    Dim rows = Dim.product(shape.subList(0, axis));
    Dim columns = Dim.product(shape.subList(axis, shape.size()));
    Value matrix = op.reshape(x, List.of(rows, columns));
    return op.reshape(op.add(new Softmax(1), matrix), shape);
  }

  /// Inputs: the result's scale and zero point, then tensors, each with its own.
  private static Value concat(OpContext op) {
    List<Value> parts = new ArrayList<>();
    for (int i = 2; i < op.inputs(); i += 3) {
      parts.add(real(op, i, i + 1, i + 2));
    }
    int axis = op.axis(op.integer("axis", 0), parts.getFirst().type().rank());
    Value y = op.add(new Concat(axis), parts.toArray(Value[]::new));
    return quantized(op, y, 0, 1, op.type(2).dtype());
  }

  /// The product of two quantized matrices as integers of 32 bits.
  ///
  /// @param leftZero the input that is the left one's zero point
  /// @param rightZero the input that has one zero point for the right one, or one a column
  static Value product(OpContext op, Value left, int leftZero, Value right, int rightZero) {
    return MatrixRules.product(
        op,
        QuantRules.centered(op, left, point(op, leftZero)),
        QuantRules.centered(op, right, point(op, rightZero)));
  }

  /// An integer product times the scales of its operands, which are inputs; the right one may have
  /// one a column.
  static Value scaled(OpContext op, Value product, int leftScale, int rightScale) {
    return scaled(op, product, op.in(leftScale), op.in(rightScale));
  }

  private static Value scaled(OpContext op, Value product, Value leftScale, Value rightScale) {
    List<Dim> shape = product.type().shape();
    List<Value> factors =
        op.broadcastAll(
            List.of(QuantRules.scalar(op, leftScale), QuantRules.scalar(op, rightScale)));
    Value factor = op.add(Pointwise.MUL, factors.get(0), factors.get(1));
    return op.add(Pointwise.MUL, op.cast(product, DType.F32), op.broadcast(factor, shape));
  }

  private static Value integerProduct(OpContext op) {
    Value product = product(op, op.in(0), 4, op.in(1), 5);
    return MicrosoftRules.biased(op, scaled(op, product, 2, 3), 6);
  }

  /// The left matrix comes as floats and is quantized by its range.
  private static Value dynamicProduct(OpContext op) {
    List<Operand> left = QuantRules.dynamic(op);
    Value product =
        MatrixRules.product(
            op,
            QuantRules.centered(op, left.get(0).value(), left.get(2).value()),
            QuantRules.centered(op, op.in(1), point(op, 3)));
    Value real = scaled(op, product, left.get(1).value(), op.in(2));
    return MicrosoftRules.biased(op, real, 4);
  }

  /// `alpha * A * B + C`, where `C` holds integers of the product's scale; quantized again where
  /// there is a scale for the result.
  private static Value gemm(OpContext op) {
    Value left = turned(op, op.in(0), "transA");
    Value right = turned(op, op.in(3), "transB");
    Value product = product(op, left, 2, right, 5);
    Value sum = MicrosoftRules.biased(op, product, 6);
    Value real = scaled(op, sum, 1, 4);
    double alpha = op.real("alpha", 1);
    if (alpha != 1) {
      real = op.add(Pointwise.MUL, real, op.fill(DType.F32, alpha, real.type().shape()));
    }
    return op.has(7) ? quantized(op, real, 7, 8, op.type(0).dtype()) : real;
  }

  private static Value turned(OpContext op, Value matrix, String flag) {
    return op.flag(flag, false) ? op.add(new Transpose(List.of(1, 0)), matrix) : matrix;
  }
}
