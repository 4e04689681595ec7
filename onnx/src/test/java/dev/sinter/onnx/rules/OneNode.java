package dev.sinter.onnx.rules;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxAttribute.Value;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.Size;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxGraph.ValueType;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.OnnxMessages;
import dev.sinter.testkit.WireMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// A model of one node, imported and run by the interpreter.
final class OneNode {
  private final String opType;
  private final long version;
  private final Map<String, OnnxAttribute> attributes = new HashMap<>();
  private final List<String> names = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<OnnxTensor> constants = new ArrayList<>();
  private final Map<String, Tensor> given = new LinkedHashMap<>();
  private Optional<List<Size>> declared = Optional.empty();
  private int outputs = 1;
  private String domain = "";

  OneNode(String opType, long version) {
    this.opType = opType;
    this.version = version;
  }

  /// The operator is another domain's.
  OneNode of(String other) {
    domain = other;
    return this;
  }

  OneNode with(String name, Value value) {
    attributes.put(name, new OnnxAttribute(name, value));
    return this;
  }

  OneNode with(String name, long value) {
    return with(name, new Value.Int(value));
  }

  OneNode with(String name, float value) {
    return with(name, new Value.Real(value));
  }

  OneNode with(String name, String value) {
    return with(name, new Value.Text(value));
  }

  OneNode withList(String name, Long... values) {
    return with(name, new Value.Ints(List.of(values)));
  }

  OneNode withList(String name, Float... values) {
    return with(name, new Value.Reals(List.of(values)));
  }

  /// An input of the graph, of the tensor's sizes.
  OneNode input(Tensor tensor) {
    Object[] sizes = Arrays.stream(tensor.shape()).boxed().toArray();
    return input(tensor, sizes);
  }

  /// An input of the graph whose sizes are numbers or names.
  OneNode input(Tensor tensor, Object... sizes) {
    String name = "in" + names.size();
    names.add(name);
    inputs.add(info(name, tensor.dtype(), Optional.of(sizes(sizes))));
    given.put(name, tensor);
    return this;
  }

  /// An input that the file holds.
  OneNode constant(Tensor tensor) {
    String name = "in" + names.size();
    names.add(name);
    constants.add(OnnxTensor.of(name, tensor));
    return this;
  }

  /// An input left out.
  OneNode leftOut() {
    names.add("");
    return this;
  }

  /// The sizes that the file declares for the first output.
  OneNode declares(Object... sizes) {
    declared = Optional.of(sizes(sizes));
    return this;
  }

  OneNode outputs(int count) {
    outputs = count;
    return this;
  }

  private static List<Size> sizes(Object... sizes) {
    return Arrays.stream(sizes)
        .map(size ->
            size instanceof Number number
                ? new Size(Optional.of(number.longValue()), Optional.empty())
                : new Size(Optional.empty(), Optional.of(size.toString())))
        .toList();
  }

  private static ValueInfo info(String name, DType dtype, Optional<List<Size>> shape) {
    return new ValueInfo(
        name, Optional.of(new ValueType("tensor", OnnxTypes.number(dtype), shape)));
  }

  /// What comes in when the model runs.
  Map<String, Tensor> given() {
    return Collections.unmodifiableMap(given);
  }

  /// The model as a file.
  byte[] file() {
    List<String> results = IntStream.range(0, outputs).mapToObj(i -> "out" + i).toList();
    WireMessage node = OnnxMessages.node(opType, names, results).text(7, domain);
    for (OnnxAttribute attribute : attributes.values()) {
      node.message(5, attribute(attribute));
    }
    WireMessage graph = new WireMessage().message(1, node).text(2, "g");
    for (OnnxTensor constant : constants) {
      WireMessage tensor = new WireMessage();
      constant.dims().forEach(dim -> tensor.number(1, dim));
      graph.message(
          5,
          tensor
              .number(2, constant.elementType())
              .text(8, constant.name())
              .bytes(9, bytes((OnnxTensor.Data.Raw) constant.data())));
    }
    for (ValueInfo input : inputs) {
      ValueType type = input.type().orElseThrow();
      Object[] sizes =
          type.shape().orElseThrow().stream()
              .map(size -> size.value().map(Object.class::cast).orElseGet(size.name()::orElseThrow))
              .toArray();
      DType dtype = OnnxTypes.of(type.elementType()).orElseThrow();
      graph.message(11, OnnxMessages.value(input.name(), dtype, sizes));
    }
    results.forEach(result -> graph.message(12, new WireMessage().text(1, result)));
    return new WireMessage()
        .number(1, 10)
        .message(7, graph)
        .message(8, new WireMessage().text(1, "").number(2, version))
        .message(8, new WireMessage().text(1, MicrosoftRules.DOMAIN).number(2, 1))
        .bytes();
  }

  private static byte[] bytes(OnnxTensor.Data.Raw raw) {
    byte[] bytes = new byte[raw.bytes().remaining()];
    raw.bytes().duplicate().get(bytes);
    return bytes;
  }

  private static WireMessage attribute(OnnxAttribute attribute) {
    WireMessage message = new WireMessage().text(1, attribute.name());
    switch (attribute.value()) {
      case Value.Real(float value) -> message.real(2, value).number(20, 1);
      case Value.Int(long value) -> message.number(3, value).number(20, 2);
      case Value.Text(String value) -> message.text(4, value).number(20, 3);
      case Value.Reals(List<Float> values) -> {
        values.forEach(value -> message.real(7, value));
        message.number(20, 6);
      }
      case Value.Ints(List<Long> values) -> {
        values.forEach(value -> message.number(8, value));
        message.number(20, 7);
      }
      case Value.Texts(List<String> values) -> {
        values.forEach(value -> message.text(9, value));
        message.number(20, 8);
      }
      default -> throw new IllegalArgumentException(attribute.toString());
    }
    return message;
  }

  /// The graph that the model becomes.
  ModelGraph read() {
    List<String> results = new ArrayList<>();
    List<ValueInfo> infos = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add("out" + i);
      // An output's element type is the importer's to find.
      infos.add(info("out" + i, DType.F32, i == 0 ? declared : Optional.empty()));
    }
    OnnxNode node = new OnnxNode("", domain, opType, "", names, results, attributes);
    OnnxGraph graph = new OnnxGraph("g", List.of(node), inputs, infos, constants, List.of());
    OnnxModel model =
        new OnnxModel(
            10,
            List.of(
                new OnnxModel.OperatorSet("", version),
                new OnnxModel.OperatorSet(MicrosoftRules.DOMAIN, 1)),
            graph,
            List.of());
    return OnnxImporter.read(model, "Test", "test", TensorData.INLINE, Map.of());
  }

  /// The outputs.
  List<Tensor> run() {
    ModelGraph model = read();
    Graph graph = model.entries().getFirst();
    Map<String, Tensor> all = new LinkedHashMap<>(given);
    for (ModelGraph.Parameter parameter : model.parameters()) {
      if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
        all.put(parameter.name(), tensor);
      }
    }
    Map<String, Tensor> results = new HashMap<>();
    Interpreter.rounding().run(graph, all).forEach((o, value) -> results.put(o.name(), value));
    return graph.outputs().stream()
        .map(o -> Objects.requireNonNull(results.get(o.name())))
        .toList();
  }

  /// The operator, its attributes and what its inputs are.
  @Override
  public String toString() {
    List<String> given = new ArrayList<>();
    attributes.values().forEach(a -> given.add(a.name() + " " + a.value()));
    inputs.forEach(input -> given.add(input.name()));
    return opType + given;
  }

  /// The only output.
  Tensor result() {
    return run().getFirst();
  }
}
