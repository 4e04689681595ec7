package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.neg;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Losses of classes: axis 1 holds the classes, labels have the other axes.
final class LossRules {
  private LossRules() {}

  static void addTo(OpRules rules) {
    rules.add("NegativeLogLikelihoodLoss", op -> op.out(loss(op, op.in(0))));
    rules.add("SoftmaxCrossEntropyLoss", LossRules::crossEntropy);
  }

  private static List<Operand> crossEntropy(OpContext op) {
    Value logProb = op.add(new LogSoftmax(1), op.in(0));
    return op.out(loss(op, logProb), logProb);
  }

  /// `-weight[label] * x[label]`, 0 for the label `ignore_index`, reduced as `reduction` says: the
  /// mean is by the sum of weights.
  private static Value loss(OpContext op, Value x) {
    Value labels = op.in(1);
    DType dtype = x.type().dtype();
    Value weights = op.has(2) ? op.in(2) : op.fill(dtype, 1, List.of(x.type().dim(1)));
    List<Dim> shape = labels.type().shape();
    Value weight =
        op.each(
            shape,
            at ->
                unlessIgnored(
                    op, at, 0, labels, dtype, new Elem.Read(1, List.of(label(at, 0, labels, x)))),
            labels,
            weights);
    Value losses =
        op.each(
            shape,
            at -> {
              List<Index> place = new ArrayList<>(Index.of(at));
              place.add(1, label(at, 1, labels, x));
              Elem picked = neg(new Elem.Read(0, place));
              return unlessIgnored(op, at, 1, labels, dtype, mul(picked, Elem.read(2, at)));
            },
            x,
            labels,
            weight);
    List<Integer> all = IntStream.range(0, shape.size()).boxed().toList();
    return switch (op.text("reduction", "mean")) {
      case "none" -> losses;
      case "sum" -> ReduceRules.sum(op, losses, all);
      case "mean" ->
          op.add(Pointwise.DIV, ReduceRules.sum(op, losses, all), ReduceRules.sum(op, weight, all));
      default -> throw op.fail("has an unknown `reduction`");
    };
  }

  /// The label as a place among the classes; one that is none must not be read out of range.
  private static Index label(List<Dim> at, int operand, Value labels, Value x) {
    return new Index.Computed(
        Elem.clamp(Elem.read(operand, at), labels.type().dtype(), x.type().dim(1).minus(1)));
  }

  private static Elem unlessIgnored(
      OpContext op, List<Dim> at, int operand, Value labels, DType dtype, Elem elem) {
    if (!op.hasAttribute("ignore_index")) {
      return elem;
    }
    Elem ignored = Elem.literal(labels.type().dtype(), op.integer("ignore_index", 0));
    return select(eq(Elem.read(operand, at), ignored), real(dtype, 0), elem);
  }
}
