package dev.sinter.onnx.export;

import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.runtime.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What all graphs of a file share: the names, and the constants.
///
/// Values are built under names that only count, and get better ones in the end ([#renamed]).
final class FileParts {
  private final Map<String, Integer> counts = new HashMap<>();
  private final Map<String, String> chosen = new HashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<OnnxTensor, String> constants = new LinkedHashMap<>();

  /// A name that nobody has, for a value that an operator makes.
  String fresh(String opType) {
    return "%" + opType + "_" + counts.merge(opType, 1, Integer::sum);
  }

  /// Gives a value a name for good, or one like it that is not taken.
  ///
  /// @param name the name under which it was built
  void call(String name, String wanted) {
    chosen.computeIfAbsent(name, n -> unique(wanted));
  }

  /// A name that nobody has had and nobody will have.
  String unique(String wanted) {
    String name = wanted;
    for (int i = 2; !taken.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /// A constant; equal ones are one.
  String constant(Tensor tensor) {
    return constants.computeIfAbsent(OnnxTensor.of("", tensor), t -> fresh("constant"));
  }

  /// The constants, each under its name.
  List<OnnxTensor> constants() {
    return constants.entrySet().stream()
        .map(constant -> renamed(constant.getKey().named(constant.getValue())))
        .toList();
  }

  /// The tensor under the name that it has got.
  OnnxTensor renamed(OnnxTensor tensor) {
    return tensor.named(name(tensor.name()));
  }

  private String name(String built) {
    return built.isEmpty()
        ? built
        : chosen.computeIfAbsent(
            built, n -> n.startsWith("%") ? unique(n.substring(1)) : unique(n));
  }

  private List<String> names(List<String> built) {
    return built.stream().map(this::name).toList();
  }

  /// The graph under the names that its values have got.
  OnnxGraph renamed(OnnxGraph graph) {
    return new OnnxGraph(
        graph.name(),
        graph.nodes().stream().map(this::renamed).toList(),
        infos(graph.inputs()),
        infos(graph.outputs()),
        graph.initializers(),
        infos(graph.values()));
  }

  private List<OnnxGraph.ValueInfo> infos(List<OnnxGraph.ValueInfo> infos) {
    return infos.stream().map(i -> new OnnxGraph.ValueInfo(name(i.name()), i.type())).toList();
  }

  private OnnxNode renamed(OnnxNode node) {
    return new OnnxNode(
        node.name(),
        node.domain(),
        node.opType(),
        node.overload(),
        names(node.inputs()),
        names(node.outputs()),
        node.withBodies(this::renamed).attributes());
  }
}
