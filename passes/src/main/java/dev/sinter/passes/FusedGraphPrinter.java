package dev.sinter.passes;

import dev.sinter.ir.Node;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Part;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// A fused graph as text, for people: the nodes of each kernel, and what it writes.
///
/// ```
/// fused forward {
///   kernel {
///     %0: f32[N, 8] = contract(%x, %weight)
///     %1: f32[N, 8] = relu(%0)
///   } writes %1
///   view %2: f32[N * 8] = reshape(%1)
/// }
/// ```
public final class FusedGraphPrinter {
  private final StringBuilder text = new StringBuilder();
  private final Map<Value, String> names = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  private FusedGraphPrinter() {}

  /// The text of `fused`.
  public static String print(FusedGraph fused) {
    FusedGraphPrinter printer = new FusedGraphPrinter();
    printer.text.append("fused ").append(fused.graph().name()).append(" {\n");
    printer.body(fused.body(), "  ");
    return printer.text.append("}\n").toString();
  }

  private void body(Body body, String indent) {
    body.parts().forEach(part -> part(part, indent));
  }

  private void part(Part part, String indent) {
    switch (part) {
      case FusedGraph.Group group -> {
        text.append(indent).append("kernel {\n");
        group.nodes().forEach(node -> node(indent + "  ", node));
        text.append(indent).append("} writes ").append(names(group.outputs())).append('\n');
      }
      case FusedGraph.View(Node node) -> node(indent + "view ", node);
      case FusedGraph.Data(Node node, var _) -> node(indent + "data ", node);
      case FusedGraph.Algorithm(Node node, var _) -> node(indent + "algorithm ", node);
      case FusedGraph.Size(Node node, RuntimeSize size) ->
          text.append(indent)
              .append("size ")
              .append(size.symbol())
              .append(" = ")
              .append(names(node.operands()))
              .append('\n');
      case FusedGraph.Flow(Node node, List<Body> bodies) -> {
        node(indent + "flow ", node);
        for (Body inner : bodies) {
          text.append(indent).append("  body (").append(names(inner.region().params()));
          text.append(") {\n");
          body(inner, indent + "    ");
          text.append(indent).append("  } gives ");
          text.append(names(inner.region().results())).append('\n');
        }
      }
    }
  }

  private void node(String before, Node node) {
    text.append(before);
    text.append(
        node.results().stream()
            .map(value -> name(value) + ": " + value.type())
            .collect(Collectors.joining(", ")));
    text.append(" = ").append(node.op().mnemonic());
    text.append('(').append(names(node.operands())).append(")\n");
  }

  private String names(List<Value> values) {
    return values.stream().map(this::name).collect(Collectors.joining(", "));
  }

  private String name(Value value) {
    return names.computeIfAbsent(
        value,
        v -> {
          String name = "%" + (v.name().isEmpty() ? Integer.toString(names.size()) : v.name());
          String unique = name;
          for (int i = 1; !taken.add(unique); i++) {
            unique = name + "~" + i;
          }
          return unique;
        });
  }
}
