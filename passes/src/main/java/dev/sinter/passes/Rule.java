package dev.sinter.passes;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import org.jspecify.annotations.Nullable;

/// A local improvement: from a node with one result to a better value, or nothing.
///
/// @param name the name in faults
/// @param math what it does to the numbers: nothing but to the sign of a zero, or what that mode
///   allows
/// @param rewrite the improvement
record Rule(String name, MathMode math, Rewriting rewrite) {
  /// From a node to a value that stands for its result.
  @FunctionalInterface
  interface Rewriting {
    /// The better value, whose nodes are added to `b`; null where the rule does not fit.
    @Nullable Value apply(GraphBuilder b, Node node);
  }

  /// A rule whose results are the same, but for the sign of a zero.
  static Rule exact(String name, Rewriting rewrite) {
    return new Rule(name, MathMode.EXACT, rewrite);
  }

  /// A rule whose results differ by rounding.
  static Rule fast(String name, Rewriting rewrite) {
    return new Rule(name, MathMode.FAST, rewrite);
  }
}
