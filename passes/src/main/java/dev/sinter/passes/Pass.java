package dev.sinter.passes;

import dev.sinter.ir.Graph;
import java.util.List;
import java.util.function.UnaryOperator;

/// A step from a graph to a better one of the same meaning.
///
/// @param name the name in dumps and faults
/// @param run answers the graph itself where there is nothing to do
record Pass(String name, UnaryOperator<Graph> run) {
  /// A pass that applies the rules that `math` allows until none fits.
  static Pass of(String name, List<Rule> rules, MathMode math) {
    return new Pass(name, graph -> new Rewrite(name, rules, math).graph(graph));
  }
}
