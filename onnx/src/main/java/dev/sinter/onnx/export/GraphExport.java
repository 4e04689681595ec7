package dev.sinter.onnx.export;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.Size;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxGraph.ValueType;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The export of one graph.
final class GraphExport {
  private final Graph graph;
  private final Map<String, Tensor> weights;
  private final FileParts parts = new FileParts();

  GraphExport(Graph graph, Map<String, Tensor> weights) {
    this.graph = graph;
    this.weights = weights;
  }

  OnnxGraph graph() {
    NodeSink sink = new NodeSink(parts, null);
    Map<String, List<Dim>> sizes = new LinkedHashMap<>();
    List<ValueInfo> inputs = new ArrayList<>();
    List<OnnxTensor> initializers = new ArrayList<>();
    Map<Value, String> names = new LinkedHashMap<>();
    // Arguments come first, so that they keep their names.
    for (Graph.Role role : List.of(Graph.Role.ARGUMENT, Graph.Role.STATE, Graph.Role.WEIGHT)) {
      for (int i = 0; i < graph.inputs().size(); i++) {
        Graph.Input input = graph.inputs().get(i);
        if (input.role() != role) {
          continue;
        }
        Value value = graph.input(i);
        String name = parts.fresh("input");
        parts.call(name, input.name());
        names.put(value, name);
        if (isConstant(input)) {
          initializers.add(weight(input.name(), name));
        } else {
          inputs.add(info(name, value.type()));
          sizes.put(name, value.type().shape());
        }
      }
    }
    DimNodes dims =
        new DimNodes(
            sink,
            graph.facts(),
            DimNodes.sources(sizes),
            symbol -> fail(Span.NONE, "nothing that comes in has the size %s".formatted(symbol)));
    RegionExport body = new RegionExport(sink, dims, graph.facts());
    names.forEach((value, name) -> body.define(value, RegionExport.whole(name, value.type())));
    body.nodes(graph.body());
    List<ValueInfo> outputs = new ArrayList<>();
    List<String> results = body.results(graph.body().results());
    for (int i = 0; i < results.size(); i++) {
      Graph.Output output = graph.outputs().get(i);
      boolean state = output.role() == Graph.Role.STATE;
      parts.call(results.get(i), state ? output.name() + ".next" : output.name());
      outputs.add(info(results.get(i), graph.output(i).type()));
    }
    body.suggestNames();
    // Names are given in the order in which they matter to people: the rest keep what is left.
    OnnxGraph built =
        parts.renamed(
            new OnnxGraph(graph.name(), sink.nodes(), inputs, outputs, List.of(), sink.values()));
    List<OnnxTensor> constants = new ArrayList<>();
    initializers.forEach(tensor -> constants.add(parts.renamed(tensor)));
    constants.addAll(parts.constants());
    return NeededNodes.of(
        new OnnxGraph(
            built.name(),
            built.nodes(),
            built.inputs(),
            built.outputs(),
            constants,
            built.values()));
  }

  /// Whether an input has one value for good: a weight, or a state that the graph does not change,
  /// such as the statistics of a batch norm.
  private boolean isConstant(Graph.Input input) {
    return switch (input.role()) {
      case ARGUMENT -> false;
      case WEIGHT -> true;
      case STATE ->
          weights.containsKey(input.name())
              && graph.outputs().stream()
                  .noneMatch(o -> o.role() == Graph.Role.STATE && o.name().equals(input.name()));
    };
  }

  private OnnxTensor weight(String name, String built) {
    Tensor tensor = weights.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no value for the weight " + name);
    }
    return OnnxTensor.of(built, tensor);
  }

  /// A value's name and type.
  static ValueInfo info(String name, TensorType type) {
    List<Size> shape = type.shape().stream().map(GraphExport::size).toList();
    return new ValueInfo(
        name,
        Optional.of(new ValueType("tensor", OnnxTypes.number(type.dtype()), Optional.of(shape))));
  }

  private static Size size(Dim dim) {
    return dim.isConstant()
        ? new Size(Optional.of(dim.constant()), Optional.empty())
        : new Size(
            Optional.empty(),
            RuntimeSize.isIn(dim) ? Optional.empty() : Optional.of(dim.toString()));
  }

  static DiagnosticException fail(Span span, String message) {
    return new DiagnosticException(Diagnostic.error(DiagnosticCode.NOT_EXPORTED, span, message));
  }

  static DiagnosticException fail(Node node, String what) {
    return fail(node.span(), node.op().mnemonic() + " " + what);
  }
}
