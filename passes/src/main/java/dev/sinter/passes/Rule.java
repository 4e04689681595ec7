package dev.sinter.passes;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import org.jspecify.annotations.Nullable;

/// A local improvement: from a node with one result to a better value, or nothing.
///
/// @param name the name in faults
/// @param kind what it does to the numbers
/// @param rewrite the improvement
record Rule(String name, Kind kind, Rewriting rewrite) {
  /// What a rule does to the numbers.
  enum Kind {
    /// The results are the same, but for the sign of a zero.
    EXACT,
    /// The results differ by rounding.
    FAST
  }

  /// From a node to a value that stands for its result.
  @FunctionalInterface
  interface Rewriting {
    /// The better value, whose nodes are added to `b`; null where the rule does not fit.
    @Nullable Value apply(GraphBuilder b, Node node);
  }

  static Rule exact(String name, Rewriting rewrite) {
    return new Rule(name, Kind.EXACT, rewrite);
  }
}
