package dev.sinter.onnx.export;

import dev.sinter.ir.TensorType;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where nodes of one graph of the file go: of the model, or of a loop's body. Equal nodes are one.
final class NodeSink {
  private final FileParts parts;
  private final @Nullable NodeSink outer;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<OnnxGraph.ValueInfo> values = new ArrayList<>();
  private final Map<Made, List<String>> made = new HashMap<>();
  private final Map<String, Grid> narrow = new HashMap<>();

  /// What makes nodes equal.
  private record Made(
      String opType, List<String> inputs, int outputs, Map<String, OnnxAttribute> attributes) {}

  NodeSink(FileParts parts, @Nullable NodeSink outer) {
    this.parts = parts;
    this.outer = outer;
  }

  FileParts parts() {
    return parts;
  }

  List<OnnxNode> nodes() {
    return nodes;
  }

  /// Types that do not follow from the nodes.
  List<OnnxGraph.ValueInfo> values() {
    return values;
  }

  /// Says what type a value has, where a reader cannot tell it.
  void declare(String name, TensorType type) {
    values.add(GraphExport.info(name, type));
  }

  static OnnxAttribute attribute(String name, long value) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Int(value));
  }

  static OnnxAttribute attribute(String name, List<Long> values) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Ints(values));
  }

  static OnnxAttribute attribute(String name, String value) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Text(value));
  }

  static OnnxAttribute attribute(String name, float value) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Real(value));
  }

  static OnnxAttribute attribute(String name, OnnxGraph value) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Graph(value));
  }

  /// Adds a node with one result.
  String add(String opType, List<String> inputs, OnnxAttribute... attributes) {
    return add(opType, inputs, 1, attributes).getFirst();
  }

  /// Adds a node.
  List<String> add(String opType, List<String> inputs, int outputs, OnnxAttribute... attributes) {
    Map<String, OnnxAttribute> named = new LinkedHashMap<>();
    Arrays.stream(attributes).forEach(a -> named.put(a.name(), a));
    Made key = new Made(opType, inputs, outputs, named);
    List<String> known = find(key);
    if (known != null) {
      return known;
    }
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(parts.fresh(opType));
    }
    nodes.add(new OnnxNode("", "", opType, "", inputs, results, named));
    made.put(key, results);
    return results;
  }

  /// Adds a copy of a value under a name of its own.
  String copy(String name) {
    String copy = parts.fresh("Identity");
    nodes.add(new OnnxNode("", "", "Identity", "", List.of(name), List.of(copy), Map.of()));
    return copy;
  }

  /// Adds a node that has graphs inside.
  List<String> addWithGraphs(
      String opType, List<String> inputs, int outputs, OnnxAttribute... graphs) {
    Map<String, OnnxAttribute> named = new LinkedHashMap<>();
    Arrays.stream(graphs).forEach(a -> named.put(a.name(), a));
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(parts.fresh(opType));
    }
    nodes.add(new OnnxNode("", "", opType, "", inputs, results, named));
    return results;
  }

  private @Nullable List<String> find(Made key) {
    for (NodeSink sink = this; sink != null; sink = sink.outer) {
      List<String> known = sink.made.get(key);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  /// Adds a function of the elements at one place.
  Grid apply(String opType, DType dtype, Grid... args) {
    return Grid.joined(add(opType, Grid.names(args)), dtype, args);
  }

  /// The grid in another type, as ONNX converts: integers wrap, floats are rounded.
  Grid cast(Grid grid, DType dtype) {
    if (grid.dtype() == dtype) {
      return grid;
    }
    for (NodeSink sink = this; sink != null; sink = sink.outer) {
      Grid before = sink.narrow.get(grid.name());
      // It was widened before, and goes back to what it was.
      if (before != null && before.dtype() == dtype) {
        return before;
      }
    }
    String name =
        add("Cast", List.of(grid.name()), attribute("to", (long) OnnxTypes.number(dtype)));
    Grid cast = grid.as(name, dtype);
    if (holds(dtype, grid.dtype())) {
      narrow.put(name, grid);
    }
    return cast;
  }

  /// Whether every value of `narrow` is one of `wide`.
  private static boolean holds(DType wide, DType narrow) {
    if (wide.isFloat() || narrow.isFloat()) {
      return wide.isFloat() && narrow.isFloat() && wide.bits() > narrow.bits();
    }
    return wide.kind() == DType.Kind.SIGNED && wide.bits() > narrow.bits();
  }

  /// A constant.
  String constant(Tensor tensor) {
    return parts.constant(tensor);
  }

  /// A list of integers.
  String list(List<Long> values) {
    return constant(Tensor.of(values.stream().mapToLong(Long::longValue).toArray(), values.size()));
  }

  /// An integer that repeats.
  Grid integer(long value) {
    return integer(DType.I64, value);
  }

  /// An integer or bool that repeats.
  Grid integer(DType dtype, long value) {
    Tensor scalar = Tensor.zeros(dtype);
    scalar.setLong(0, value);
    return Grid.scalar(constant(scalar), dtype);
  }

  /// A float that repeats.
  Grid real(DType dtype, double value) {
    Tensor scalar = Tensor.zeros(dtype);
    scalar.setDouble(0, value);
    return Grid.scalar(constant(scalar), dtype);
  }

  /// The grid with these axes of those that it has.
  ///
  /// @param axes which of its axes stay, ascending; the others have size 1
  /// @return a tensor of as many axes
  String squeezed(Grid grid, List<Integer> axes) {
    List<Long> gone = new ArrayList<>();
    for (int i = 0; i < grid.rank(); i++) {
      if (!axes.contains(i)) {
        gone.add((long) i);
      }
    }
    return gone.isEmpty() ? grid.name() : add("Squeeze", List.of(grid.name(), list(gone)));
  }

  /// The tensor `name`, whose axes become those numbered `axes` of `rank`.
  ///
  /// @param axes ascending
  String unsqueezed(String name, int rank, List<Integer> axes) {
    List<Long> added = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      if (!axes.contains(i)) {
        added.add((long) i);
      }
    }
    return added.isEmpty() ? name : add("Unsqueeze", List.of(name, list(added)));
  }
}
