package dev.sinter.onnx;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.SizeBounds;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Reshape;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxModel.OnnxFunction;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The import of one graph: of a model, of a function, or inside a node of another.
///
/// Nodes whose inputs are all known are computed at once, and lists of sizes are computed as
/// expressions, so that what a file computes from shapes leaves nothing behind.
public final class GraphImport {
  /// Larger results are computed when the model runs.
  private static final long MOST_FOLDED = 1 << 16;

  /// Functions that call functions, at most so deep.
  private static final int MOST_CALLS = 32;

  private final ModelImport model;
  private final GraphBuilder builder;
  private final @Nullable GraphImport outer;
  private final Map<String, Operand> values = new HashMap<>();
  private final Map<String, List<Dim>> declared = new HashMap<>();
  private final Map<String, Long> opsets;
  private final int calls;

  GraphImport(
      ModelImport model,
      GraphBuilder builder,
      @Nullable GraphImport outer,
      Map<String, Long> opsets,
      int calls) {
    this.model = model;
    this.builder = builder;
    this.outer = outer;
    this.opsets = opsets;
    this.calls = calls;
  }

  ModelImport model() {
    return model;
  }

  /// An import of a graph that sees what this one has.
  GraphImport inside(GraphBuilder inner) {
    return new GraphImport(model, inner, this, opsets, calls);
  }

  /// Gives `name` a value.
  public void define(String name, Operand operand) {
    values.put(name, operand);
  }

  /// Gives `name` a value of the graph.
  public void define(String name, Value value) {
    define(name, Operand.of(value));
  }

  /// What `name` stands for.
  Optional<Operand> find(String name) {
    for (GraphImport scope = this; scope != null; scope = scope.outer) {
      Operand found = scope.values.get(name);
      if (found != null) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /// Builds the nodes of `graph`, whose inputs are defined already.
  ///
  /// @return its outputs
  public List<Operand> body(OnnxGraph graph) {
    for (OnnxTensor tensor : graph.initializers()) {
      if (!values.containsKey(tensor.name())) {
        define(tensor.name(), initializer(tensor));
      }
    }
    graph.values().forEach(this::declare);
    graph.outputs().forEach(this::declare);
    SameSizes.spread(graph, declared);
    for (OnnxNode node : graph.nodes()) {
      Span before = builder.at(model.span(node));
      node(node);
      builder.at(before);
    }
    List<Operand> outputs = new ArrayList<>();
    for (OnnxGraph.ValueInfo output : graph.outputs()) {
      outputs.add(
          find(output.name())
              .orElseThrow(
                  () -> model.fail(Span.NONE, "nothing gives the output " + output.name())));
    }
    return outputs;
  }

  private Operand initializer(OnnxTensor tensor) {
    try {
      return model.weight(tensor.name(), model.tensors().read(tensor), builder);
    } catch (OnnxFormatException e) {
      throw model.fail(Span.NONE, String.valueOf(e.getMessage()));
    }
  }

  private void declare(OnnxGraph.ValueInfo value) {
    value
        .type()
        .flatMap(OnnxGraph.ValueType::shape)
        .flatMap(model::sizes)
        .ifPresent(sizes -> declared.put(value.name(), sizes));
  }

  /// The sizes that the file declares for a value, where it does so in full.
  Optional<List<Dim>> declared(String name) {
    return Optional.ofNullable(declared.get(name));
  }

  private void node(OnnxNode node) {
    model.count(model.span(node));
    long version =
        Optional.ofNullable(opsets.get(ModelImport.domain(node.domain())))
            .orElseThrow(() ->
                fail(
                    node,
                    "is of the domain `%s`, of which the file imports no version"
                        .formatted(node.domain())));
    List<Optional<Operand>> operands = new ArrayList<>();
    for (String input : node.inputs()) {
      operands.add(
          input.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  find(input)
                      .orElseThrow(() ->
                          fail(node, "reads %s, which nothing gives before it".formatted(input)))));
    }
    String before =
        builder.named(node.outputs().stream().filter(o -> !o.isEmpty()).findFirst().orElse(""));
    List<Operand> results = results(node, version, operands);
    builder.named(before);
    for (int i = 0; i < node.outputs().size(); i++) {
      String output = node.outputs().get(i);
      if (output.isEmpty()) {
        continue;
      }
      if (i >= results.size()) {
        throw fail(node, "has no output %d (%s)".formatted(i, output));
      }
      if (values.containsKey(output)) {
        throw fail(node, "gives %s, which another node has given".formatted(output));
      }
      define(output, results.get(i));
    }
  }

  private List<Operand> results(OnnxNode node, long version, List<Optional<Operand>> operands) {
    try {
      Optional<OpRule> rule = model.rules().find(node.domain(), node.opType());
      Optional<OnnxFunction> function = model.function(node);
      if (function.isPresent()) {
        return call(function.get(), node, operands);
      }
      if (rule.isEmpty()) {
        throw fail(node, "is an operator that Sinter does not know");
      }
      Optional<List<Operand>> symbolic =
          SizeArithmetic.of(new OpContext(this, node, version, builder, operands), node.opType());
      if (symbolic.isPresent()) {
        return symbolic.get();
      }
      Optional<List<Operand>> folded = folded(rule.get(), node, version, operands);
      return folded.isPresent()
          ? folded.get()
          : rule.get().apply(new OpContext(this, node, version, builder, operands));
    } catch (OpException e) {
      throw fail(node, "does not fit its inputs: " + e.getMessage());
    } catch (ArithmeticException
        | IndexOutOfBoundsException
        | IllegalArgumentException
        | NoSuchElementException e) {
      // Rules take for granted what the operator's page says of inputs and attributes.
      throw fail(node, "has inputs or attributes that no such operator takes: " + e.getMessage());
    }
  }

  /// The results as constants, where all inputs are.
  private Optional<List<Operand>> folded(
      OpRule rule, OnnxNode node, long version, List<Optional<Operand>> operands) {
    boolean known =
        operands.stream().flatMap(Optional::stream).allMatch(o -> o.constant().isPresent());
    long size =
        operands.stream()
            .flatMap(Optional::stream)
            .mapToLong(o -> o.constant().map(Tensor::size).orElse(0L))
            .sum();
    boolean plain =
        node.attributes().values().stream()
            .noneMatch(a -> a.value() instanceof OnnxAttribute.Value.Graph);
    if (!known || !plain || operands.isEmpty() || size > MOST_FOLDED) {
      return Optional.empty();
    }
    GraphBuilder scratch = new GraphBuilder();
    List<Optional<Operand>> constants = new ArrayList<>();
    for (Optional<Operand> operand : operands) {
      constants.add(operand.flatMap(Operand::constant).map(t -> known(t, scratch)));
    }
    List<Operand> built = rule.apply(new OpContext(this, node, version, scratch, constants));
    if (built.stream().anyMatch(o -> o.elements().isPresent())) {
      return Optional.empty();
    }
    Region region = scratch.region(built.stream().map(Operand::value).toList());
    SizeBounds bounds = SizeBounds.of(region);
    boolean small =
        built.stream()
            .map(o -> bounds.most(Dim.product(o.type().shape())))
            .allMatch(most -> most.isConstant() && most.constant() <= MOST_FOLDED);
    if (!small) {
      return Optional.empty();
    }
    List<Tensor> tensors = Interpreter.rounding().run(region, List.of(), Bindings.NONE);
    return Optional.of(tensors.stream().map(t -> known(t, builder)).toList());
  }

  /// The results of a function, whose nodes are built in the caller's place.
  private List<Operand> call(
      OnnxFunction function, OnnxNode node, List<Optional<Operand>> operands) {
    if (calls >= MOST_CALLS) {
      throw fail(
          node, "is a function that calls functions more than %d deep".formatted(MOST_CALLS));
    }
    Map<String, Long> versions = new HashMap<>(opsets);
    versions.putAll(ModelImport.opsets(function.opsets()));
    GraphImport inner = new GraphImport(model, builder, null, versions, calls + 1);
    for (int i = 0; i < function.inputs().size() && i < operands.size(); i++) {
      String name = function.inputs().get(i);
      operands.get(i).ifPresent(operand -> inner.define(name, operand));
    }
    Map<String, OnnxAttribute> attributes = new HashMap<>();
    function.defaults().forEach(a -> attributes.put(a.name(), a));
    attributes.putAll(node.attributes());
    for (OnnxNode each : function.nodes()) {
      inner.node(FunctionBody.bound(each, attributes, function, inner));
    }
    List<Operand> results = new ArrayList<>();
    for (String output : function.outputs()) {
      Optional<Operand> result = inner.find(output);
      if (result.isEmpty()) {
        break;
      }
      results.add(result.get());
    }
    return results;
  }

  /// A constant, whose node goes to `into` if it is needed.
  Operand known(Tensor tensor, GraphBuilder into) {
    return Operand.constant(tensor, () -> into.add(new Constant(tensor)));
  }

  /// Integers known as expressions, whose nodes go to `into` if they are needed.
  Operand numbers(TensorType type, List<Dim> numbers, GraphBuilder into) {
    if (numbers.stream().allMatch(Dim::isConstant)) {
      long[] shape = type.shape().stream().mapToLong(Dim::constant).toArray();
      Tensor tensor = Tensor.allocate(type.dtype(), shape);
      for (int i = 0; i < numbers.size(); i++) {
        tensor.setLong(i, numbers.get(i).constant());
      }
      return known(tensor, into);
    }
    return Operand.numbers(
        type,
        numbers,
        () -> {
          TensorType scalar = type.withShape(List.of(Dim.ONE));
          Value[] parts = numbers.stream().map(n -> into.fill(scalar, n)).toArray(Value[]::new);
          Value joined = parts.length == 1 ? parts[0] : into.add(new Concat(0), parts);
          return type.rank() == 1 ? joined : into.add(new Reshape(List.of()), joined);
        });
  }

  DiagnosticException fail(OnnxNode node, String what) {
    String name = node.name().isEmpty() ? "" : " `" + node.name() + "`";
    return model.fail(model.span(node), node.opType() + name + " " + what);
  }
}
