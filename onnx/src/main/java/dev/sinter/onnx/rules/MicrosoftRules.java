package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// The operators of ONNX Runtime's own that exporters and optimizers of transformers write.
/// [MicrosoftAttention] and [GroupQueryAttention] have those that attend, [RotaryRules] the
/// positions, [MicrosoftFusedRules] what joins several operators, [MicrosoftQuantRules] the
/// quantized ones.
final class MicrosoftRules {
  /// Their domain.
  static final String DOMAIN = "com.microsoft";

  private MicrosoftRules() {}

  static void addTo(OpRules rules) {
    rules.add(DOMAIN, "FusedMatMul", op -> op.out(fusedMatMul(op)));
    rules.add(DOMAIN, "Gelu", op -> op.out(op.add(Pointwise.GELU, op.in(0))));
    rules.add(DOMAIN, "BiasGelu", op -> op.out(op.add(Pointwise.GELU, biased(op, op.in(0), 1))));
    rules.add(
        DOMAIN, "FastGelu", op -> op.out(op.add(Pointwise.GELU_TANH, biased(op, op.in(0), 1))));
    rules.add(DOMAIN, "QuickGelu", op -> op.out(quickGelu(op)));
    for (String domain : List.of("", DOMAIN)) {
      rules.add(domain, "SimplifiedLayerNormalization", op -> op.out(NormRules.rootMeanSquare(op)));
    }
    rules.add(DOMAIN, "LayerNormalization", NormRules::layer);
    rules.add(DOMAIN, "SkipLayerNormalization", op -> skip(op, false));
    rules.add(DOMAIN, "SkipSimplifiedLayerNormalization", op -> skip(op, true));
    rules.add(DOMAIN, "EmbedLayerNormalization", MicrosoftRules::embed);
    rules.add(DOMAIN, "Attention", op -> new MicrosoftAttention(op).projected());
    rules.add(DOMAIN, "MultiHeadAttention", op -> new MicrosoftAttention(op).ofHeads());
    rules.add(DOMAIN, "GroupQueryAttention", op -> new GroupQueryAttention(op).result());
  }

  private static Value fusedMatMul(OpContext op) {
    Value left = turned(op, op.in(0), "transA", "transBatchA");
    Value right = turned(op, op.in(1), "transB", "transBatchB");
    Value product = MatrixRules.product(op, left, right);
    double alpha = op.real("alpha", 1);
    return alpha == 1
        ? product
        : op.add(
            Pointwise.MUL, product, op.fill(product.type().dtype(), alpha, product.type().shape()));
  }

  /// A matrix with its last axes exchanged, or with its first one before the last.
  private static Value turned(OpContext op, Value value, String last, String batch) {
    int rank = value.type().rank();
    if (rank < 2) {
      return value;
    }
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      axes.add(i);
    }
    if (op.flag(batch, false)) {
      for (int i = 0; i < rank - 2; i++) {
        axes.set(i, i + 1);
      }
      axes.set(rank - 2, 0);
    }
    if (op.flag(last, false)) {
      int row = axes.get(rank - 2);
      axes.set(rank - 2, axes.get(rank - 1));
      axes.set(rank - 1, row);
    }
    return op.add(new Transpose(axes), value);
  }

  /// The value plus an input of the last axis's size, if there is one.
  static Value biased(OpContext op, Value value, int input) {
    return op.has(input)
        ? op.add(Pointwise.ADD, value, op.broadcast(op.in(input), value.type().shape()))
        : value;
  }

  private static Value quickGelu(OpContext op) {
    double alpha = op.real("alpha", 1.702f);
    return Formulas.apply(op, op.in(0), ActivationRules.swish(alpha));
  }

  /// The sum of two tensors and a bias, normalized; the last output is the sum.
  private static List<Operand> skip(OpContext op, boolean simplified) {
    Value x = op.in(0);
    Value skipped = op.broadcast(op.in(1), x.type().shape());
    Value sum = biased(op, op.add(Pointwise.ADD, x, skipped), simplified ? 3 : 4);
    int last = x.type().rank() - 1;
    double eps = op.real("epsilon", 1e-12f);
    List<Value> operands = new ArrayList<>(List.of(sum, op.in(2)));
    if (!simplified && op.has(3)) {
      operands.add(op.in(3));
    }
    Value y =
        op.builder()
            .add(
                simplified ? new RmsNorm(List.of(last), eps) : new LayerNorm(List.of(last), eps),
                operands,
                List.of(),
                "")
            .result();
    if (op.wants(1) || op.wants(2)) {
      throw op.fail("has outputs that only training reads");
    }
    return op.out(y, y, y, sum);
  }

  /// The embeddings of words, places and segments, added and normalized.
  private static List<Operand> embed(OpContext op) {
    Value words = op.in(0);
    Dim batch = words.type().dim(0);
    Dim length = words.type().dim(1);
    Value sum = op.add(new Gather(0), op.in(2), words);
    Value places;
    if (op.has(8)) {
      Value rows = op.add(new Gather(0), op.in(3), op.in(8));
      places = op.broadcast(rows, sum.type().shape());
    } else {
      Value rows = Slice.of(op.builder(), op.in(3), 0, Dim.ZERO, length);
      places = op.add(new Broadcast(List.of(1, 2), sum.type().shape()), rows);
    }
    sum = op.add(Pointwise.ADD, sum, places);
    if (op.has(1) && op.has(4)) {
      sum = op.add(Pointwise.ADD, sum, op.add(new Gather(0), op.in(4), op.in(1)));
    }
    Value y =
        op.add(new LayerNorm(List.of(2), op.real("epsilon", 1e-12f)), sum, op.in(5), op.in(6));
    Value lengths =
        op.has(7)
            ? Reduce.of(op.builder(), Reducer.SUM, List.of(1), op.cast(op.in(7), DType.I32))
            : op.fill(DType.I32, 0, List.of(batch));
    return op.out(y, lengths, sum);
  }
}
