package dev.sinter.onnx;

import java.util.List;

/// What an ONNX operator is: it builds the nodes for one use of it.
@FunctionalInterface
public interface OpRule {
  /// Builds the nodes.
  ///
  /// @return a value for each output that the rule knows, the first ones first
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when the use is wrong or not supported,
  ///   by [OpContext#fail]
  List<Operand> apply(OpContext op);
}
