package dev.sinter.onnx.rules;

import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import java.util.List;
import java.util.Map;

/// Operators that are one of Sinter's own, element by element.
final class ElementRules {
  private static final Map<String, Pointwise> SAME =
      Map.ofEntries(
          Map.entry("Add", Pointwise.ADD),
          Map.entry("Sub", Pointwise.SUB),
          Map.entry("Mul", Pointwise.MUL),
          Map.entry("Relu", Pointwise.RELU),
          Map.entry("Sigmoid", Pointwise.SIGMOID),
          Map.entry("Tanh", Pointwise.TANH));

  private ElementRules() {}

  static void addTo(OpRules rules) {
    SAME.forEach((name, op) -> rules.add(name, use -> use.out(apply(use, op))));
  }

  private static Value apply(OpContext use, Pointwise op) {
    List<Value> operands = use.broadcastAll(use.all());
    return use.builder().add(op, operands, List.of(), "").result();
  }
}
