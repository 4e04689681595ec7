package dev.sinter.ir.text;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.Rename;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/// Prints graphs and models in the text form that [GraphParser] reads; `docs/IR.md` describes it.
///
/// ```
/// graph forward(argument x %x: f32[N, 4], weight w %w: f32[4]) given N >= 2 {
///   %0: f32[N] = contract(%x, %w) {left = "nk", right = "k", out = "n", accumulator = f32}
///   %y: f32[N] = relu(%0)
///   return argument y = %y
/// }
/// ```
public final class GraphPrinter {
  private final Attributes attributes;
  private final boolean spans;

  /// @param whole whether constants of more than a few elements print in full; else as a hash,
  ///   which is not read back
  /// @param spans whether a comment says where in the model's text each node comes from
  public GraphPrinter(boolean whole, boolean spans) {
    this.attributes = new Attributes(whole);
    this.spans = spans;
  }

  /// The text of `graph`, all of it.
  public static String print(Graph graph) {
    return new GraphPrinter(true, false).text(graph);
  }

  /// The text of `model`, all of it.
  public static String print(ModelGraph model) {
    return new GraphPrinter(true, false).text(model);
  }

  /// The text of `model`.
  public String text(ModelGraph model) {
    StringBuilder out = new StringBuilder("model " + TextCursor.name(model.name()) + " {\n");
    for (ModelGraph.Parameter parameter : model.parameters()) {
      out.append("  ")
          .append(parameter.kind().name().toLowerCase(Locale.ROOT))
          .append(' ')
          .append(TextCursor.name(parameter.name()))
          .append(": ")
          .append(parameter.type())
          .append(" = ")
          .append(Attributes.mnemonic(parameter.initializer().getClass()))
          .append(' ')
          .append(attributes.print((Record) parameter.initializer()))
          .append('\n');
    }
    for (Rename rename : model.contracts().renames()) {
      out.append("  rename ").append(attributes.print(rename)).append('\n');
    }
    for (Contracts.Limit limit : model.contracts().limits()) {
      String resource = limit.resource().name().toLowerCase(Locale.ROOT);
      out.append("  limit ").append(resource).append(' ').append(limit.bytes()).append('\n');
    }
    for (Contracts.Check check : model.contracts().checks()) {
      String property = check.property().name().toLowerCase(Locale.ROOT);
      out.append("  check ").append(property).append('\n');
    }
    for (Graph graph : model.entries()) {
      out.append(text(graph).indent(2));
    }
    model
        .training()
        .ifPresent(training -> out.append("  training " + attributes.print(training) + "\n"));
    return out.append("}\n").toString();
  }

  /// The text of `graph`.
  public String text(Graph graph) {
    Names names = new Names();
    List<String> inputs = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      inputs.add(role(input.role(), input.name()) + " " + names.define(graph.input(i)));
    }
    String head = "graph " + TextCursor.name(graph.name());
    StringBuilder out = new StringBuilder(head);
    boolean wide = inputs.stream().mapToInt(String::length).sum() > 80;
    out.append(wide ? "(\n    " : "(");
    out.append(String.join(wide ? ",\n    " : ", ", inputs)).append(")");
    out.append(facts(graph.facts())).append(" {\n");
    nodes(graph.body(), names, 1, out);
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      Graph.Output output = graph.outputs().get(i);
      outputs.add(role(output.role(), output.name()) + " = " + names.use(graph.output(i)));
    }
    return out.append(returned(outputs, 1)).append("}\n").toString();
  }

  private static String role(Graph.Role role, String name) {
    return role.name().toLowerCase(Locale.ROOT) + " " + TextCursor.name(name);
  }

  private static String facts(Facts facts) {
    List<String> all = new ArrayList<>();
    for (Facts.Fact fact : facts.facts()) {
      all.add(
          switch (fact) {
            case Facts.Fact.AtLeast(var left, var right) -> left + " >= " + right;
            case Facts.Fact.Equal(var left, var right) -> left + " == " + right;
            case Facts.Fact.Divides(var divisor, var dim) -> divisor + " divides " + dim;
          });
    }
    for (Axis axis : facts.axes()) {
      all.add(axis.toString());
    }
    return all.isEmpty() ? "" : " given " + String.join(", ", all);
  }

  private void nodes(Region region, Names names, int depth, StringBuilder out) {
    for (Node node : region.nodes()) {
      String indent = "  ".repeat(depth);
      String operands =
          node.operands().stream().map(names::use).collect(Collectors.joining(", ", "(", ")"));
      String results = node.results().stream().map(names::define).collect(Collectors.joining(", "));
      out.append(indent).append(results).append(results.isEmpty() ? "" : " = ");
      out.append(node.op().mnemonic()).append(operands);
      if (node.op() instanceof Record record) {
        String text = attributes.print(record);
        out.append(text.isEmpty() ? "" : " ").append(text);
      }
      out.append(spans && !node.span().isNone() ? " // " + node.span() : "").append('\n');
      node.regions().forEach(inner -> region(inner, depth + 1, out));
    }
  }

  private void region(Region region, int depth, StringBuilder out) {
    Names names = new Names();
    String indent = "  ".repeat(depth);
    String params =
        region.params().stream().map(names::define).collect(Collectors.joining(", ", "(", ")"));
    out.append(indent).append("region").append(params).append(" {\n");
    nodes(region, names, depth + 1, out);
    out.append(returned(region.results().stream().map(names::use).toList(), depth + 1));
    out.append(indent).append("}\n");
  }

  private static String returned(List<String> results, int depth) {
    return "  ".repeat(depth) + ("return " + String.join(", ", results)).strip() + "\n";
  }

  /// The names of the values of one region: their own, with a number where two have the same, and a
  /// number alone where a value has none.
  private static final class Names {
    private final Map<Value, String> known = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final Map<String, Integer> last = new HashMap<>();
    private int unnamed;

    /// A number without quotes stands for no name.
    private static String base(String name) {
      boolean number = name.chars().allMatch(Character::isDigit);
      return number ? TextCursor.quoted(name) : TextCursor.name(name);
    }

    String define(Value value) {
      String base = value.name().isEmpty() ? "" : base(value.name());
      String name = base.isEmpty() ? Integer.toString(unnamed++) : base;
      while (!taken.add(name)) {
        name = base + "~" + last.merge(base, 1, Integer::sum);
      }
      known.put(value, "%" + name);
      return "%" + name + ": " + value.type();
    }

    String use(Value value) {
      return Objects.requireNonNullElse(known.get(value), "%!" + value.name());
    }
  }
}
