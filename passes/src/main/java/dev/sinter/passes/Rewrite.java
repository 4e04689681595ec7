package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Applies rules to a graph until none fits. Each sweep goes from the first node to the last; nodes
/// that a rule made are looked at in the next. Nodes that nobody reads afterwards are left to
/// [DeadCode], which every sweep ends with.
final class Rewrite {
  /// Sweeps after which rules that still fire are held to undo one another.
  private static final int MOST_SWEEPS = 100;

  private final String pass;
  private final List<Rule> rules;
  private final Map<String, Integer> fired = new TreeMap<>();

  /// @param math which rules it may apply
  Rewrite(String pass, List<Rule> rules, MathMode math) {
    this.pass = pass;
    this.rules = rules.stream().filter(rule -> math.allows(rule.math())).toList();
  }

  /// The graph with every rule applied wherever it fits; itself if none does.
  Graph graph(Graph graph) {
    Graph now = graph;
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      fired.clear();
      Region body = region(now.body());
      if (fired.isEmpty()) {
        return now;
      }
      now = DeadCode.remove(now.withBody(body));
    }
    throw new CompilerBug(pass, "rules that do not come to an end: " + fired);
  }

  private Region region(Region region) {
    GraphBuilder b = new GraphBuilder();
    region.params().forEach(b::parameter);
    Map<Value, Value> map = new HashMap<>();
    boolean changed = false;
    for (Node node : region.nodes()) {
      List<Value> operands = of(map, node.operands());
      List<Region> regions = new ArrayList<>();
      node.regions().forEach(inner -> regions.add(region(inner)));
      boolean same = operands.equals(node.operands()) && regions.equals(node.regions());
      Node now = same ? node : new Node(node.op(), operands, regions, node.name(), node.span());
      changed |= !same;
      Value better = now.results().size() == 1 ? improved(b, now) : null;
      if (better != null) {
        map.put(node.result(), better);
        changed = true;
        continue;
      }
      b.append(now);
      for (int i = 0; i < now.results().size(); i++) {
        map.put(node.result(i), now.result(i));
      }
    }
    return changed ? b.region(of(map, region.results())) : region;
  }

  private @Nullable Value improved(GraphBuilder b, Node node) {
    Span before = b.at(node.span());
    try {
      for (Rule rule : rules) {
        Value better = rule.rewrite().apply(b, node);
        if (better != null) {
          if (!better.type().equals(node.result().type())) {
            throw new CompilerBug(
                pass, rule.name() + " makes " + better.type() + " of " + node.result().type());
          }
          fired.merge(rule.name(), 1, Integer::sum);
          return better;
        }
      }
      return null;
    } finally {
      b.at(before);
    }
  }

  private static List<Value> of(Map<Value, Value> map, List<Value> values) {
    return values.stream().map(v -> map.getOrDefault(v, v)).toList();
  }
}
