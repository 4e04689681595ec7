package dev.sinter.benchmarks.peers;

import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxAttribute.Value;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// An ONNX graph as the body of a TorchScript function, a line a node. Knows the operators of the
/// suite's networks.
final class TorchNetwork {
  private final StringBuilder lines = new StringBuilder();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final Map<String, String> variables = new HashMap<>();

  private TorchNetwork() {}

  /// What a graph has become.
  ///
  /// @param inputs its arguments
  /// @param weights tensors that the lines name, each by its name there
  /// @param lines what is computed, a result for each of `results`
  record Script(
      List<String> inputs, Map<String, Tensor> weights, String lines, List<String> results) {}

  /// @throws IllegalArgumentException if the graph has something that is not known here
  static Script of(OnnxModel model) {
    return new TorchNetwork().script(model.graph());
  }

  private Script script(OnnxGraph graph) {
    for (OnnxTensor tensor : graph.initializers()) {
      try {
        constants.put(tensor.name(), TensorData.INLINE.read(tensor));
      } catch (OnnxFormatException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
    List<String> inputs =
        graph.inputs().stream()
            .map(ValueInfo::name)
            .filter(name -> !constants.containsKey(name))
            .toList();
    inputs.forEach(this::variable);
    graph.nodes().forEach(this::node);
    return new Script(
        inputs.stream().map(this::variable).toList(),
        weights,
        lines.toString(),
        graph.outputs().stream().map(output -> variable(output.name())).toList());
  }

  private void node(OnnxNode node) {
    if (node.opType().equals("LSTM")) {
      lstm(node);
      return;
    }
    String results =
        node.outputs().stream().map(this::variable).collect(Collectors.joining(", "))
            + (node.outputs().size() > 1 ? "," : "");
    line(results + " = " + expression(node));
  }

  private String expression(OnnxNode node) {
    return switch (node.opType()) {
      case "Relu" -> call("relu", in(node, 0));
      case "Add" -> call("add", in(node, 0), in(node, 1));
      case "Mul" -> call("mul", in(node, 0), in(node, 1));
      case "MatMul" -> call("matmul", in(node, 0), in(node, 1));
      case "Softmax" -> call("softmax", in(node, 0), axis(node, -1));
      case "Concat" -> call("cat", "[" + all(node) + "]", axis(node, 0));
      case "Flatten" -> call("flatten", in(node, 0), axis(node, 1));
      case "Transpose" -> call("permute", in(node, 0), list(integers(node, "perm")));
      case "Reshape" -> call("reshape", in(node, 0), list(constant(node, 1)));
      case "Squeeze" -> call("squeeze", in(node, 0), list(constant(node, 1)));
      case "Split" ->
          call("chunk", in(node, 0), String.valueOf(node.outputs().size()), axis(node, 0));
      case "Clip" -> call("clamp", in(node, 0), number(node, 1), number(node, 2));
      case "Gelu" ->
          call("gelu", in(node, 0), "approximate=\"" + text(node, "approximate", "none") + "\"");
      case "Gather" -> {
        require(node, value(node, 0).rank() == 2 && axis(node, 0).equals("0"));
        yield call("embedding", in(node, 0), in(node, 1));
      }
      case "Gemm" -> {
        require(node, real(node, "alpha", 1) == 1 && real(node, "beta", 1) == 1);
        require(node, integer(node, "transA", 0) == 0 && integer(node, "transB", 0) == 1);
        yield call("linear", in(node, 0), in(node, 1), in(node, 2));
      }
      case "LayerNormalization" -> {
        require(node, axis(node, -1).equals("-1"));
        yield call(
            "layer_norm",
            in(node, 0),
            list(value(node, 1).shape()),
            in(node, 1),
            in(node, 2),
            String.valueOf(real(node, "epsilon", 1e-5f)));
      }
      case "BatchNormalization" ->
          call(
              "batch_norm",
              all(node),
              "False, 0.1",
              String.valueOf(real(node, "epsilon", 1e-5f)),
              "False");
      case "Conv" -> {
        String bias = node.inputs().size() > 2 ? in(node, 2) : "None";
        yield call(
            "conv2d",
            in(node, 0),
            in(node, 1),
            bias,
            list(integers(node, "strides", 1, 1)),
            pads(node),
            list(integers(node, "dilations", 1, 1)),
            String.valueOf(integer(node, "group", 1)));
      }
      case "MaxPool" ->
          call(
              "max_pool2d",
              in(node, 0),
              list(integers(node, "kernel_shape")),
              list(integers(node, "strides", 1, 1)),
              pads(node));
      case "GlobalAveragePool" -> call("adaptive_avg_pool2d", in(node, 0), "[1, 1]");
      default -> throw new IllegalArgumentException(node.opType() + " is not known here");
    };
  }

  /// ONNX has the gates as input, output, forget, cell, and libtorch as input, forget, cell,
  /// output.
  private void lstm(OnnxNode node) {
    long width = integer(node, "hidden_size", 0);
    require(node, node.inputs().size() == 4 && node.outputs().size() == 1);
    Tensor biases = value(node, 3);
    String name = variable(node.outputs().getFirst());
    Tensor[] parameters = {
      gates(value(node, 1), 0, width),
      gates(value(node, 2), 0, width),
      gates(biases, 0, width),
      gates(biases, 4 * width, width)
    };
    List<String> names = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      names.add(name + "_" + i);
      weights.put(name + "_" + i, parameters[i]);
    }
    String x = in(node, 0);
    String start = "torch.zeros([1, torch.size(%s, 1), %d])".formatted(x, width);
    line(name + "_start = " + start);
    line(
        "%s_y, %s_h, %s_c, = torch.lstm(%s, [%s_start, %s_start], [%s], True, 1, 0., False, False, False)"
            .formatted(name, name, name, x, name, name, String.join(", ", names)));
    line("%s = torch.unsqueeze(%s_y, 1)".formatted(name, name));
  }

  /// Rows of four gates, from one of them on, in libtorch's order.
  private static Tensor gates(Tensor tensor, long from, long width) {
    long row = tensor.rank() == 3 ? tensor.dim(2) : 1;
    long[] shape = tensor.rank() == 3 ? new long[] {4 * width, row} : new long[] {4 * width};
    Tensor turned = Tensor.zeros(DType.F32, shape);
    int[] order = {0, 2, 3, 1};
    long size = width * row;
    for (int gate = 0; gate < order.length; gate++) {
      for (long i = 0; i < size; i++) {
        double element = tensor.getDouble(from * row + order[gate] * size + i);
        turned.setDouble(gate * size + i, element);
      }
    }
    return turned;
  }

  private void line(String text) {
    lines.append("    ").append(text).append('\n');
  }

  private static String call(String function, String... arguments) {
    return "torch." + function + "(" + String.join(", ", arguments) + ")";
  }

  private static String list(long... numbers) {
    return Arrays.toString(numbers);
  }

  private String variable(String value) {
    return variables.computeIfAbsent(value, v -> "v" + variables.size());
  }

  /// An operand; a constant becomes a weight.
  private String in(OnnxNode node, int index) {
    String name = node.inputs().get(index);
    Tensor constant = constants.get(name);
    if (constant != null) {
      weights.putIfAbsent(variable(name), constant);
    }
    return variable(name);
  }

  private String all(OnnxNode node) {
    List<String> operands = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      operands.add(in(node, i));
    }
    return String.join(", ", operands);
  }

  private Tensor value(OnnxNode node, int index) {
    Tensor constant = index < node.inputs().size() ? constants.get(node.inputs().get(index)) : null;
    require(node, constant != null);
    return Objects.requireNonNull(constant);
  }

  private long[] constant(OnnxNode node, int index) {
    Tensor constant = value(node, index);
    long[] numbers = new long[(int) constant.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = constant.getLong(i);
    }
    return numbers;
  }

  private String number(OnnxNode node, int index) {
    return String.valueOf(value(node, index).getDouble(0));
  }

  private static void require(OnnxNode node, boolean held) {
    if (!held) {
      throw new IllegalArgumentException(node.opType() + " of this kind is not known here");
    }
  }

  private static String pads(OnnxNode node) {
    long[] pads = integers(node, "pads", 0, 0, 0, 0);
    require(node, pads.length == 4 && pads[0] == pads[2] && pads[1] == pads[3]);
    require(node, text(node, "auto_pad", "NOTSET").equals("NOTSET"));
    return list(pads[0], pads[1]);
  }

  private static String axis(OnnxNode node, long otherwise) {
    return String.valueOf(integer(node, "axis", otherwise));
  }

  private static long integer(OnnxNode node, String name, long otherwise) {
    var attribute = node.attributes().get(name);
    return attribute != null && attribute.value() instanceof Value.Int(long value)
        ? value
        : otherwise;
  }

  private static float real(OnnxNode node, String name, float otherwise) {
    var attribute = node.attributes().get(name);
    return attribute != null && attribute.value() instanceof Value.Real(float value)
        ? value
        : otherwise;
  }

  private static String text(OnnxNode node, String name, String otherwise) {
    var attribute = node.attributes().get(name);
    return attribute != null && attribute.value() instanceof Value.Text(String value)
        ? value
        : otherwise;
  }

  private static long[] integers(OnnxNode node, String name, long... otherwise) {
    var attribute = node.attributes().get(name);
    return attribute != null && attribute.value() instanceof Value.Ints(List<Long> values)
        ? values.stream().mapToLong(Long::longValue).toArray()
        : otherwise;
  }
}
