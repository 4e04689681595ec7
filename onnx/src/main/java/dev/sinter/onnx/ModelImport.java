package dev.sinter.onnx;

import static java.util.stream.Collectors.joining;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.DimParser;
import dev.sinter.ir.Equations;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Constant;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxModel.OnnxFunction;
import dev.sinter.onnx.model.OnnxModel.OperatorSet;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// The import of one model: what all its graphs share.
final class ModelImport {
  /// More nodes are built of no model: functions that call functions, and unrolled loops, could
  /// make any number of them out of a few lines.
  private static final int MOST_NODES = 1 << 18;

  /// Smaller constants are part of the code, where they are folded; larger ones are weights.
  private static final int FEW_ELEMENTS = 16;

  private final OnnxModel model;
  private final NodeListing listing;
  private final TensorData tensors;
  private final OpRules rules;
  private final Equations equations;
  private final GraphBuilder root = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<ModelGraph.Parameter> parameters = new ArrayList<>();
  private final Set<String> weightNames = new HashSet<>();
  private final Map<String, String> symbols = new HashMap<>();
  private final Set<String> inputSizes = new HashSet<>();
  private int unknownSizes;
  private int nodes;

  ModelImport(
      OnnxModel model, String name, TensorData tensors, OpRules rules, Equations equations) {
    this.model = model;
    this.listing = NodeListing.of(name, model);
    this.tensors = tensors;
    this.rules = rules;
    this.equations = equations;
  }

  OpRules rules() {
    return rules;
  }

  TensorData tensors() {
    return tensors;
  }

  /// Whether nodes that go to `builder` may not run.
  boolean isConditional(GraphBuilder builder) {
    return builder != root;
  }

  /// What is assumed of the sizes.
  Equations equations() {
    return equations;
  }

  /// The model under `name`.
  ModelGraph graph(String name) {
    OnnxGraph graph = model.graph();
    GraphImport body = new GraphImport(this, root, null, opsets(model.opsets()), 0);
    graph.inputs().stream()
        .flatMap(input -> input.type().stream())
        .flatMap(type -> type.shape().stream().flatMap(List::stream))
        .forEach(size -> size.name().ifPresent(inputSizes::add));
    Set<String> constants = distinct("initializers", graph.initializers(), OnnxTensor::name);
    distinct("inputs", graph.inputs(), ValueInfo::name);
    distinct("outputs", graph.outputs(), ValueInfo::name);
    for (ValueInfo input : graph.inputs()) {
      if (!constants.contains(input.name())) {
        Value value = root.parameter(type(input), input.name());
        inputs.add(new Graph.Input(input.name(), Graph.Role.ARGUMENT));
        body.define(input.name(), value);
      }
    }
    List<Value> results = new ArrayList<>();
    for (Operand result : body.body(graph)) {
      if (result.elements().isPresent()) {
        throw fail(
            Span.NONE,
            "output %s is a sequence, not a tensor"
                .formatted(graph.outputs().get(results.size()).name()));
      }
      results.add(result.value());
    }
    List<Graph.Output> outputs =
        graph.outputs().stream().map(o -> new Graph.Output(o.name(), Graph.Role.ARGUMENT)).toList();
    Graph forward = new Graph("forward", inputs, outputs, root.region(results), equations.facts());
    return new ModelGraph(name, parameters, List.of(forward), Optional.empty(), Contracts.NONE);
  }

  /// The names of things of a kind, which all have names of their own.
  private <T> Set<String> distinct(String kind, List<T> all, Function<T, String> name) {
    Set<String> names = new HashSet<>();
    for (T each : all) {
      if (!names.add(name.apply(each))) {
        throw fail(Span.NONE, "it has two %s called %s".formatted(kind, name.apply(each)));
      }
    }
    return names;
  }

  /// Counts a node that is built.
  void count(Span span) {
    if (++nodes > MOST_NODES) {
      throw fail(span, "the model has more than %d nodes".formatted(MOST_NODES));
    }
  }

  /// How many nodes have been built.
  int count() {
    return nodes;
  }

  /// The versions by domain.
  static Map<String, Long> opsets(List<OperatorSet> sets) {
    Map<String, Long> opsets = new HashMap<>();
    sets.forEach(set -> opsets.put(domain(set.domain()), set.version()));
    return opsets;
  }

  /// The name of a domain; ONNX's own has two.
  static String domain(String domain) {
    return domain.equals("ai.onnx") ? "" : domain;
  }

  /// The function that a node calls, if it is one of the file's.
  Optional<OnnxFunction> function(OnnxNode node) {
    return model.functions().stream()
        .filter(f ->
            f.name().equals(node.opType())
                && domain(f.domain()).equals(domain(node.domain()))
                && f.overload().equals(node.overload()))
        .findFirst();
  }

  /// A constant of the file.
  ///
  /// @param into where its node goes, if it is part of the code
  Operand weight(String name, Tensor tensor, GraphBuilder into) {
    return Operand.constant(
        tensor,
        () -> {
          if (tensor.size() <= FEW_ELEMENTS) {
            return into.add(new Constant(tensor), List.of(), List.of(), name).result();
          }
          List<Dim> shape = new ArrayList<>();
          for (long dim : tensor.shape()) {
            shape.add(Dim.of(dim));
          }
          TensorType type = new TensorType(tensor.dtype(), shape);
          String unique = name;
          for (int i = 2; !weightNames.add(unique); i++) {
            unique = name + "." + i;
          }
          inputs.add(new Graph.Input(unique, Graph.Role.WEIGHT));
          parameters.add(
              new ModelGraph.Parameter(
                  unique, type, new Initializer.Held(tensor), ModelGraph.Kind.WEIGHT));
          return root.parameter(type, unique);
        });
  }

  private TensorType type(ValueInfo input) {
    OnnxGraph.ValueType type =
        input.type().orElseThrow(() -> fail(Span.NONE, "input " + input.name() + " has no type"));
    if (!type.kind().equals("tensor")) {
      throw fail(Span.NONE, "input %s is a %s, not a tensor".formatted(input.name(), type.kind()));
    }
    DType dtype =
        OnnxTypes.of(type.elementType())
            .orElseThrow(() ->
                fail(
                    Span.NONE,
                    "input %s is of %s"
                        .formatted(input.name(), OnnxTypes.name(type.elementType()))));
    List<Dim> shape = new ArrayList<>();
    for (OnnxGraph.Size size :
        type.shape()
            .orElseThrow(() -> fail(Span.NONE, "input %s has no shape".formatted(input.name())))) {
      shape.add(size(size).orElseGet(this::unknown));
    }
    return new TensorType(dtype, shape);
  }

  /// The sizes, if each is a number or named.
  Optional<List<Dim>> sizes(List<OnnxGraph.Size> sizes) {
    List<Dim> known = new ArrayList<>();
    for (OnnxGraph.Size size : sizes) {
      Optional<Dim> dim = size(size);
      if (dim.isEmpty()) {
        return Optional.empty();
      }
      known.add(dim.get());
    }
    return Optional.of(known);
  }

  private Optional<Dim> size(OnnxGraph.Size size) {
    if (size.value().isPresent()) {
      long value = size.value().get();
      if (value > Integer.MAX_VALUE) {
        throw fail(Span.NONE, "a size of %d is beyond all bounds".formatted(value));
      }
      return value < 0 ? Optional.empty() : Optional.of(Dim.of(value));
    }
    // What some exporters write for every size that they don't know, such as `?`, is no name.
    return size.name()
        .filter(name -> name.codePoints().anyMatch(Character::isLetterOrDigit))
        .map(name -> expression(name).orElseGet(() -> equations.size(symbol(name))));
  }

  /// The size that `name` computes from others, as some exporters name them (`2*height`).
  private Optional<Dim> expression(String name) {
    if (name.matches("\\w*")) {
      return Optional.empty();
    }
    Dim dim;
    try {
      dim = DimParser.parse(name);
    } catch (DimParser.DimSyntaxException e) {
      return Optional.empty();
    }
    List<String> others = dim.symbols().stream().filter(s -> !inputSizes.contains(s)).toList();
    if (!others.isEmpty() && !(others.size() == 1 && tells(name, dim, others.getFirst()))) {
      return Optional.empty();
    }
    Map<String, Dim> sizes = new HashMap<>();
    dim.symbols().forEach(part -> sizes.put(part, equations.size(symbol(part))));
    return Optional.of(dim.substitute(sizes));
  }

  /// Whether a size that is called `name` tells the size `part`, which no other does. A name with a
  /// hyphen is a name.
  private static boolean tells(String name, Dim dim, String part) {
    Dim factor = dim.coefficient(part);
    return factor != null && factor.isConstant() && !name.contains("-");
  }

  private Dim unknown() {
    return equations.size(symbol("?" + unknownSizes++));
  }

  /// The symbol for a size that the file calls `name`: the same letters as far as may be.
  private String symbol(String name) {
    return symbols.computeIfAbsent(
        name,
        n -> {
          String plain = n.replaceAll("[^A-Za-z0-9_]", "_");
          String base = plain.matches("[A-Za-z].*") ? plain : "d" + plain.replaceFirst("^_", "");
          String unique = base;
          for (int i = 2; symbols.containsValue(unique); i++) {
            unique = base + "_" + i;
          }
          return unique;
        });
  }

  /// Fails unless the file leaves a size of each name open.
  void checkNames(Set<String> names) {
    for (String name : names) {
      if (!symbols.containsValue(name)) {
        throw fail(
            Span.NONE,
            "it has no open size called %s; it has %s"
                .formatted(name, symbols.isEmpty() ? "none" : new TreeSet<>(symbols.values())));
      }
    }
  }

  Span span(OnnxNode node) {
    return listing.span(node);
  }

  DiagnosticException fail(Span span, String message) {
    Span place = span.isNone() ? listing.all() : span;
    Diagnostic fault = Diagnostic.error(DiagnosticCode.ONNX_FAULT, place, message);
    List<String> words = List.of(message.split("[^A-Za-z0-9_]+"));
    String open =
        new TreeSet<>(symbols.values())
            .stream().filter(words::contains).map(s -> s + "=NUMBER").collect(joining(" or "));
    return new DiagnosticException(
        open.isEmpty()
            ? fault
            : fault.help("the file leaves sizes open; fix one with --set " + open));
  }
}
