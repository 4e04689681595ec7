package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Operators that ONNX Runtime's optimizer makes of several of ONNX's: convolutions and products
/// with an activation, sums with biases, and norms with what follows them.
final class MicrosoftFusedRules {
  private MicrosoftFusedRules() {}

  static void addTo(OpRules rules) {
    String domain = MicrosoftRules.DOMAIN;
    rules.add(domain, "FusedConv", op -> op.out(conv(op)));
    rules.add(domain, "FusedGemm", op -> op.out(gemm(op)));
    rules.add(domain, "BiasDropout", MicrosoftFusedRules::biasDropout);
    rules.add(domain, "BiasSplitGelu", op -> op.out(splitGelu(op)));
    rules.add(domain, "BiasAdd", op -> op.out(plus(op, MicrosoftRules.biased(op, op.in(0), 1), 2)));
    rules.add(domain, "GroupNorm", op -> op.out(groupNorm(op, op.in(0))));
    rules.add(domain, "SkipGroupNorm", MicrosoftFusedRules::skipGroupNorm);
    rules.add(
        domain,
        "NhwcMaxPool",
        op -> {
          Value first = MicrosoftQuantRules.first(op, op.in(0));
          return op.out(MicrosoftQuantRules.lastAgain(op, PoolRules.max(op, first)));
        });
  }

  /// The value plus an input of its sizes, if there is one.
  private static Value plus(OpContext op, Value value, int input) {
    return op.has(input) ? op.add(Pointwise.ADD, value, op.in(input)) : value;
  }

  private static Value conv(OpContext op) {
    Value sum = ConvRules.biased(op, ConvRules.conv(op, op.in(0), op.in(1)), 2);
    List<Float> numbers = op.reals("activation_params").orElse(List.of());
    return activated(op, plus(op, sum, 3), numbers);
  }

  private static Value gemm(OpContext op) {
    List<Float> numbers = new ArrayList<>();
    for (String name : List.of("activation_alpha", "activation_beta")) {
      if (op.hasAttribute(name)) {
        numbers.add((float) op.real(name, 0));
      }
    }
    return activated(op, MatrixRules.gemm(op), numbers);
  }

  /// What the attribute `activation` says of a value.
  private static Value activated(OpContext op, Value x, List<Float> numbers) {
    String name = op.text("activation", "").toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      return x;
    }
    if (name.equals("clip") && numbers.size() == 2) {
      DType dtype = x.type().dtype();
      List<Dim> shape = x.type().shape();
      Value above = op.add(Pointwise.MAX, x, op.fill(dtype, numbers.get(0), shape));
      return op.add(Pointwise.MIN, above, op.fill(dtype, numbers.get(1), shape));
    }
    return Activation.of(op, name, numbers).apply(op.builder(), x);
  }

  private static List<Operand> biasDropout(OpContext op) {
    if (op.has(4) && op.constant(4).map(t -> t.getLong(0) != 0).orElse(true)) {
      throw op.fail("drops elements, as only training does");
    }
    Value y = plus(op, MicrosoftRules.biased(op, op.in(0), 1), 2);
    return op.out(y, op.fill(DType.BOOL, 1, y.type().shape()));
  }

  /// One half of the sum times the GELU of the other.
  private static Value splitGelu(OpContext op) {
    Value sum = MicrosoftRules.biased(op, op.in(0), 1);
    int last = sum.type().rank() - 1;
    Dim half = sum.type().dim(last).floorDiv(2);
    Value left = Slice.of(op.builder(), sum, last, Dim.ZERO, half);
    Value right = Slice.of(op.builder(), sum, last, half, half);
    return op.add(Pointwise.MUL, left, op.add(Pointwise.GELU, right));
  }

  /// The sum of two tensors and a bias, normalized; the other output is the sum.
  private static List<Operand> skipGroupNorm(OpContext op) {
    Value x = op.in(0);
    List<Dim> shape = x.type().shape();
    Value skip = op.in(3);
    if (skip.type().rank() == 2) {
      skip = op.add(new Broadcast(List.of(0, shape.size() - 1), shape), skip);
    }
    Value sum = op.add(Pointwise.ADD, x, op.broadcast(skip, shape));
    Value all = MicrosoftRules.biased(op, sum, 4);
    return op.out(groupNorm(op, all), all);
  }

  private static Value groupNorm(OpContext op, Value x) {
    Value y =
        MicrosoftQuantRules.channelsFirst(
            op,
            x,
            true,
            (o, image) -> NormRules.group(o, image, o.integer("groups", 1), o.in(1), o.in(2)));
    return switch ((int) op.integer("activation", 0)) {
      case 0 -> y;
      case 1 -> op.add(Pointwise.SILU, y);
      default -> throw op.fail("has activation " + op.integer("activation", 0));
    };
  }
}
