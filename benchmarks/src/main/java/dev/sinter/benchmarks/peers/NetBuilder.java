package dev.sinter.benchmarks.peers;

import dev.sinter.onnx.model.OnnxAttribute;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// Writes a network as ONNX, the way exporters do, with weights drawn by a seed. A method adds a
/// node and answers the name of its result.
final class NetBuilder {
  private static final long OPERATORS = 20;
  private static final long FILE_VERSION = 9;

  private final Random random = new Random(1);
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<OnnxTensor> weights = new ArrayList<>();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();

  /// An argument.
  String input(String name, DType dtype, long... shape) {
    inputs.add(info(name, OnnxTypes.number(dtype), shape));
    return name;
  }

  /// A weight of normal numbers around `mean`.
  String weight(double mean, double deviation, long... shape) {
    Tensor tensor = Tensor.allocate(DType.F32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, mean + deviation * random.nextGaussian());
    }
    return constant(tensor);
  }

  /// A weight of positive numbers around 1.
  String positive(long... shape) {
    Tensor tensor = Tensor.allocate(DType.F32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, Math.exp(0.1 * random.nextGaussian()));
    }
    return constant(tensor);
  }

  /// A list of sizes.
  String sizes(long... sizes) {
    return constant(Tensor.of(sizes, sizes.length));
  }

  String constant(Tensor tensor) {
    String name = "c" + weights.size();
    weights.add(OnnxTensor.of(name, tensor));
    return name;
  }

  /// A node with one result; attributes are integers, floats, lists of integers, or texts.
  String add(String opType, List<String> operands, Object... attributes) {
    return several(opType, operands, 1, attributes).getFirst();
  }

  /// A node with several results.
  List<String> several(String opType, List<String> operands, int results, Object... attributes) {
    Map<String, OnnxAttribute> named = new LinkedHashMap<>();
    for (int i = 0; i < attributes.length; i += 2) {
      String name = attributes[i].toString();
      named.put(name, new OnnxAttribute(name, value(attributes[i + 1])));
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      names.add("v" + nodes.size() + (i == 0 ? "" : "_" + i));
    }
    nodes.add(new OnnxNode(names.getFirst(), "", opType, "", operands, names, named));
    return names;
  }

  private static OnnxAttribute.Value value(Object value) {
    return switch (value) {
      case Integer number -> new OnnxAttribute.Value.Int(number);
      case Float number -> new OnnxAttribute.Value.Real(number);
      case long[] numbers -> new OnnxAttribute.Value.Ints(Arrays.stream(numbers).boxed().toList());
      default -> new OnnxAttribute.Value.Text(value.toString());
    };
  }

  /// A convolution with an odd window, padded so that a stride of 1 keeps the sizes; it needs no
  /// bias where a normalization follows.
  String conv(
      String x, int inputs, int outputs, int window, int stride, int groups, boolean biased) {
    double deviation = Math.sqrt(2.0 * groups / (inputs * window * window));
    List<String> operands = new ArrayList<>();
    operands.add(x);
    operands.add(weight(0, deviation, outputs, inputs / groups, window, window));
    if (biased) {
      operands.add(weight(0, 0.1, outputs));
    }
    long pad = window / 2;
    return add(
        "Conv",
        operands,
        "kernel_shape",
        new long[] {window, window},
        "strides",
        new long[] {stride, stride},
        "pads",
        new long[] {pad, pad, pad, pad},
        "group",
        groups);
  }

  /// A batch normalization with drawn statistics.
  String norm(String x, int channels, double scale) {
    return add(
        "BatchNormalization",
        List.of(
            x,
            weight(scale, 0.1 * scale, channels),
            weight(0, 0.1, channels),
            weight(0, 0.1, channels),
            positive(channels)));
  }

  String relu(String x) {
    return add("Relu", List.of(x));
  }

  /// `x w + b`, `w` stored as one row for each output.
  String gemm(String x, int inputs, int outputs) {
    return add(
        "Gemm",
        List.of(x, weight(0, Math.sqrt(2.0 / inputs), outputs, inputs), weight(0, 0.1, outputs)),
        "transB",
        1);
  }

  /// `x w + b` along the last axis of any number of axes.
  String linear(String x, int inputs, int outputs) {
    String product = add("MatMul", List.of(x, weight(0, Math.sqrt(1.0 / inputs), inputs, outputs)));
    return add("Add", List.of(product, weight(0, 0.1, outputs)));
  }

  String layerNorm(String x, int width) {
    return add(
        "LayerNormalization", List.of(x, weight(1, 0.1, width), weight(0, 0.1, width)), "axis", -1);
  }

  /// The network, with one result.
  OnnxModel model(String output, long... shape) {
    output(output, shape);
    return model();
  }

  /// Makes a value a result.
  void output(String name, long... shape) {
    outputs.add(info(name, OnnxTypes.number(DType.F32), shape));
  }

  /// The network.
  OnnxModel model() {
    OnnxGraph graph = new OnnxGraph("network", nodes, inputs, outputs, weights, List.of());
    return new OnnxModel(
        FILE_VERSION, List.of(new OnnxModel.OperatorSet("", OPERATORS)), graph, List.of());
  }

  private static ValueInfo info(String name, int type, long... shape) {
    List<Size> sizes =
        Arrays.stream(shape).mapToObj(s -> new Size(Optional.of(s), Optional.empty())).toList();
    return new ValueInfo(name, Optional.of(new ValueType("tensor", type, Optional.of(sizes))));
  }
}
