package dev.sinter.ir.text;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Training;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Rename;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Reads the text form that [GraphPrinter] writes. The types that the text gives to a node's
/// results must be those that follow from the op.
public final class GraphParser {
  private final TextCursor cursor;
  private final OpTable ops = new OpTable();

  private GraphParser(SourceText source) {
    this.cursor = new TextCursor(source);
  }

  /// The graph that `source` holds.
  ///
  /// @throws DiagnosticException pointing at what is wrong
  public static Graph graph(SourceText source) {
    GraphParser parser = new GraphParser(source);
    Graph graph = parser.graph();
    parser.end();
    return graph;
  }

  /// The graph that `text` holds.
  public static Graph graph(String text) {
    return graph(new SourceText("graph", text));
  }

  /// The model that `source` holds.
  ///
  /// @throws DiagnosticException pointing at what is wrong
  public static ModelGraph model(SourceText source) {
    GraphParser parser = new GraphParser(source);
    ModelGraph model = parser.model();
    parser.end();
    return model;
  }

  private void end() {
    if (!cursor.atEnd()) {
      throw cursor.unexpected("the end");
    }
  }

  private ModelGraph model() {
    cursor.expect("model");
    String name = cursor.name();
    cursor.expect("{");
    List<ModelGraph.Parameter> parameters = new ArrayList<>();
    List<Graph> entries = new ArrayList<>();
    Optional<Training> training = Optional.empty();
    List<Rename> renames = new ArrayList<>();
    List<Contracts.Limit> limits = new ArrayList<>();
    List<Contracts.Check> checks = new ArrayList<>();
    while (!cursor.accept("}")) {
      if (cursor.sees("graph")) {
        entries.add(graph());
      } else if (cursor.accept("training")) {
        training = Optional.of(Attributes.read(cursor, Training.class));
      } else if (cursor.accept("rename")) {
        renames.add(Attributes.read(cursor, Rename.class));
      } else if (cursor.accept("limit")) {
        Contracts.Resource resource = constant(Contracts.Resource.values());
        limits.add(new Contracts.Limit(resource, cursor.integer(), Span.NONE));
      } else if (cursor.accept("check")) {
        checks.add(new Contracts.Check(constant(Contracts.Property.values()), Span.NONE));
      } else {
        parameters.add(parameter());
      }
    }
    return new ModelGraph(
        name, parameters, entries, training, new Contracts(renames, limits, checks));
  }

  private ModelGraph.Parameter parameter() {
    ModelGraph.Kind kind = constant(ModelGraph.Kind.values());
    String name = cursor.name();
    cursor.expect(":");
    TensorType type = cursor.type();
    cursor.expect("=");
    Initializer initializer = (Initializer) Attributes.alternative(cursor, Initializer.class);
    return new ModelGraph.Parameter(name, type, initializer, kind);
  }

  private Graph graph() {
    cursor.expect("graph");
    String name = cursor.name();
    Map<String, Value> known = new HashMap<>();
    List<Graph.Input> inputs = new ArrayList<>();
    List<Value> params =
        cursor.list(
            "(",
            ")",
            () -> {
              Graph.Role role = constant(Graph.Role.values());
              inputs.add(new Graph.Input(cursor.name(), role));
              return parameter(known);
            });
    Facts facts = cursor.accept("given") ? facts() : Facts.NONE;
    cursor.expect("{");
    List<Node> nodes = nodes(known);
    List<Graph.Output> outputs = new ArrayList<>();
    List<Value> results = new ArrayList<>();
    while (!cursor.accept("}")) {
      if (!outputs.isEmpty()) {
        cursor.expect(",");
      }
      Graph.Role role = constant(Graph.Role.values());
      outputs.add(new Graph.Output(cursor.name(), role));
      cursor.expect("=");
      results.add(use(known));
    }
    return new Graph(name, inputs, outputs, new Region(params, nodes, results), facts);
  }

  private <E extends Enum<E>> E constant(E[] constants) {
    int start = cursor.offset();
    String word = cursor.word();
    for (E constant : constants) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(word)) {
        return constant;
      }
    }
    throw cursor.fault(start, "there is no " + word + " here");
  }

  private Facts facts() {
    List<Facts.Fact> facts = new ArrayList<>();
    List<Axis> axes = new ArrayList<>();
    do {
      Dim left = cursor.dim();
      String name = left.symbolName();
      if (cursor.accept(">=")) {
        facts.add(new Facts.Fact.AtLeast(left, cursor.dim()));
      } else if (cursor.accept("==")) {
        facts.add(new Facts.Fact.Equal(left, cursor.dim()));
      } else if (cursor.accept("divides")) {
        facts.add(new Facts.Fact.Divides(left, cursor.dim()));
      } else if (name != null && cursor.accept("<")) {
        axes.add(new Axis(name, cursor.dim()));
      } else {
        throw cursor.unexpected("`>=`, `==` or `divides`");
      }
    } while (cursor.accept(","));
    return new Facts(facts, axes);
  }

  /// A name under which the text speaks of a value, and the name that the value has.
  private record Reference(String key, String name, int start) {}

  private Reference reference() {
    int start = cursor.offset();
    cursor.expect("%");
    boolean quoted = cursor.sees("\"");
    String name = cursor.name();
    boolean unnamed = !quoted && name.chars().allMatch(Character::isDigit);
    String key = unnamed ? name : TextCursor.quoted(name);
    if (cursor.accept("~")) {
      key += "~" + cursor.integer();
    }
    return new Reference(key, unnamed ? "" : name, start);
  }

  private Value parameter(Map<String, Value> known) {
    Reference reference = reference();
    cursor.expect(":");
    Value value = Value.parameter(cursor.type(), reference.name());
    define(known, reference, value);
    return value;
  }

  private void define(Map<String, Value> known, Reference reference, Value value) {
    if (known.put(reference.key(), value) != null) {
      throw cursor.fault(reference.start(), "%" + reference.name() + " is defined twice");
    }
  }

  private Value use(Map<String, Value> known) {
    Reference reference = reference();
    Value value = known.get(reference.key());
    if (value == null) {
      throw cursor.fault(
          reference.start(), "%" + reference.name() + " is not defined before in this region");
    }
    return value;
  }

  private List<Node> nodes(Map<String, Value> known) {
    List<Node> nodes = new ArrayList<>();
    while (!cursor.accept("return")) {
      nodes.add(node(known));
    }
    return nodes;
  }

  private Node node(Map<String, Value> known) {
    int start = cursor.offset();
    List<Reference> results = new ArrayList<>();
    List<TensorType> types = new ArrayList<>();
    while (cursor.sees("%")) {
      results.add(reference());
      cursor.expect(":");
      types.add(cursor.type());
      if (!cursor.accept(",")) {
        cursor.expect("=");
        break;
      }
    }
    int place = cursor.offset();
    String mnemonic = cursor.word();
    List<Value> operands = cursor.list("(", ")", () -> use(known));
    Op op = ops.read(mnemonic, place, cursor);
    List<Region> regions = new ArrayList<>();
    while (cursor.accept("region")) {
      regions.add(cursor.nested(this::region));
    }
    Node node;
    try {
      String name = results.isEmpty() ? "" : results.getFirst().name();
      node = new Node(op, operands, regions, name, Span.NONE);
    } catch (RuntimeException e) {
      // Ops say what they miss in a sentence, but need not be safe from lists that are too short.
      throw cursor.fault(
          place,
          "these operands do not fit" + (e instanceof OpException ? ": " + e.getMessage() : ""));
    }
    List<TensorType> made = node.results().stream().map(Value::type).toList();
    if (!made.equals(types)) {
      throw cursor.fault(start, "the results of this are " + made + ", not " + types);
    }
    for (int i = 0; i < results.size(); i++) {
      define(known, results.get(i), node.result(i));
    }
    return node;
  }

  private Region region() {
    Map<String, Value> known = new HashMap<>();
    List<Value> params = cursor.list("(", ")", () -> parameter(known));
    cursor.expect("{");
    List<Node> nodes = nodes(known);
    List<Value> results = new ArrayList<>();
    while (!cursor.accept("}")) {
      if (!results.isEmpty()) {
        cursor.expect(",");
      }
      results.add(use(known));
    }
    return new Region(params, nodes, results);
  }
}
