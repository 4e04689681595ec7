package dev.sinter.passes;

import dev.sinter.ir.Graph;
import java.util.function.UnaryOperator;

/// A step from a graph to a better one of the same meaning.
///
/// @param name the name in dumps and faults
/// @param run answers the graph itself where there is nothing to do
record Pass(String name, UnaryOperator<Graph> run) {
  /// A pass that applies rules until none fits.
  static Pass of(String name, java.util.List<Rule> rules) {
    return new Pass(name, graph -> new Rewrite(name, rules).graph(graph));
  }
}
