package dev.sinter.ir.text;

import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Compares graphs by what they say, not by which objects they are made of. Spans do not count.
public final class GraphDifference {
  private GraphDifference() {}

  /// The first difference of two models in words, or empty if there is none.
  public static Optional<String> of(ModelGraph a, ModelGraph b) {
    if (!a.name().equals(b.name())
        || !a.parameters().equals(b.parameters())
        || !a.training().equals(b.training())
        || !a.contracts().unplaced().equals(b.contracts().unplaced())
        || a.entries().size() != b.entries().size()) {
      return Optional.of("the models differ outside their entries");
    }
    for (int i = 0; i < a.entries().size(); i++) {
      Optional<String> difference = of(a.entries().get(i), b.entries().get(i));
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }

  /// The first difference of two graphs in words, or empty if there is none.
  public static Optional<String> of(Graph a, Graph b) {
    if (!a.name().equals(b.name())
        || !a.inputs().equals(b.inputs())
        || !a.outputs().equals(b.outputs())
        || !a.facts().equals(b.facts())) {
      return Optional.of("the heads of " + a.name() + " and " + b.name() + " differ");
    }
    return of(a.body(), b.body());
  }

  /// The first difference of two regions in words, or empty if there is none.
  public static Optional<String> of(Region a, Region b) {
    Map<Value, Value> same = new HashMap<>();
    if (!pair(a.params(), b.params(), same)) {
      return Optional.of("the parameters " + a.params() + " and " + b.params() + " differ");
    }
    if (a.nodes().size() != b.nodes().size()) {
      return Optional.of(a.nodes().size() + " nodes and " + b.nodes().size());
    }
    for (int i = 0; i < a.nodes().size(); i++) {
      Optional<String> difference = of(a.nodes().get(i), b.nodes().get(i), same);
      if (difference.isPresent()) {
        return difference;
      }
    }
    return follow(a.results(), same).equals(b.results())
        ? Optional.empty()
        : Optional.of("other results are returned");
  }

  private static Optional<String> of(Node a, Node b, Map<Value, Value> same) {
    String what = a.op().mnemonic() + " that makes " + a.results();
    if (!a.op().equals(b.op())) {
      return Optional.of(what + ": " + a.op() + " is not " + b.op());
    }
    if (!follow(a.operands(), same).equals(b.operands())) {
      return Optional.of(what + " has other operands");
    }
    if (a.regions().size() != b.regions().size() || !pair(a.results(), b.results(), same)) {
      return Optional.of(what + ": " + b.results() + " are other results");
    }
    for (int i = 0; i < a.regions().size(); i++) {
      Optional<String> difference = of(a.regions().get(i), b.regions().get(i));
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }

  private static boolean pair(List<Value> a, List<Value> b, Map<Value, Value> same) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!a.get(i).type().equals(b.get(i).type()) || !a.get(i).name().equals(b.get(i).name())) {
        return false;
      }
      same.put(a.get(i), b.get(i));
    }
    return true;
  }

  private static List<Value> follow(List<Value> values, Map<Value, Value> same) {
    return values.stream().map(v -> Objects.requireNonNullElse(same.get(v), v)).toList();
  }
}
