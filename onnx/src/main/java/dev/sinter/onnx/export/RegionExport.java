package dev.sinter.onnx.export;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.BitCast;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/// The export of one body of nodes: of a graph, or of a region, whose nodes see the values around.
final class RegionExport {
  private final NodeSink sink;
  private final DimNodes dims;
  private final Facts facts;
  private final Map<Value, Grid> grids;

  RegionExport(NodeSink sink, DimNodes dims, Facts facts) {
    this(sink, dims, facts, new LinkedHashMap<>());
  }

  private RegionExport(NodeSink sink, DimNodes dims, Facts facts, Map<Value, Grid> grids) {
    this.sink = sink;
    this.dims = dims;
    this.facts = facts;
    this.grids = grids;
  }

  /// An export whose nodes go into a graph inside this one's.
  RegionExport inside(NodeSink inner) {
    return new RegionExport(inner, dims.in(inner), facts, grids);
  }

  NodeSink sink() {
    return sink;
  }

  DimNodes dims() {
    return dims;
  }

  Facts facts() {
    return facts;
  }

  Carriers carriers() {
    return new Carriers(sink);
  }

  /// A tensor of the file that has all the sizes of its type.
  static Grid whole(String name, TensorType type) {
    List<Integer> axes =
        IntStream.range(0, type.rank()).boxed().filter(i -> !type.dim(i).is(1)).toList();
    return new Grid(name, type.dtype(), type.rank(), axes);
  }

  void define(Value value, Grid grid) {
    grids.put(value, grid);
  }

  /// What stands for `value` in the file, in its type.
  Grid grid(Value value) {
    return Objects.requireNonNull(grids.get(value));
  }

  List<Grid> grids(List<Value> values) {
    return values.stream().map(this::grid).toList();
  }

  /// `value` with all its sizes.
  String full(Value value) {
    return full(grid(value), value.type().shape());
  }

  /// A grid with all the sizes of what it stands for.
  String full(Grid grid, List<Dim> shape) {
    boolean whole = grid.rank() == shape.size();
    for (int i = 0; whole && i < shape.size(); i++) {
      whole = grid.varies(i) || shape.get(i).is(1);
    }
    return whole ? grid.name() : sink.add("Expand", List.of(grid.name(), dims.list(shape)));
  }

  /// `value` with all its sizes, in the type that it is computed in.
  Grid loaded(Value value) {
    return carriers().load(whole(full(value), value.type()));
  }

  /// Says that `value` is a computed tensor that has all sizes.
  void define(Value value, String computed) {
    Grid grid = whole(computed, value.type().withDtype(Carriers.of(value.type().dtype())));
    define(value, carriers().store(grid, value.type().dtype()));
  }

  /// Exports the nodes.
  void nodes(Region region) {
    region.nodes().forEach(this::node);
  }

  private void node(Node node) {
    switch (node.op()) {
      case Pointwise op -> new PointwiseRules(this).export(op, node);
      case Primitive op -> new PrimitiveRules(this).export(op, node);
      case Composite op -> new CompositeRules(this).export(op, node);
      case ControlFlow op -> new ControlFlowRules(this).export(op, node);
      case Extern op -> {
        switch (op) {
          case SORT -> sort(node);
        }
      }
      case BitCast(DType dtype) -> {
        Grid x = grid(node.operand(0));
        String bits =
            sink.add(
                "BitCast",
                List.of(x.name()),
                NodeSink.attribute("to", (long) OnnxTypes.number(dtype)));
        define(node.result(), x.as(bits, dtype));
      }
      case RuntimeSize size -> {
        Grid told = carriers().load(grid(node.operand(0)));
        Grid least = sink.apply("Max", DType.I64, told, sink.integer(0));
        dims.tell(size.symbol(), sink.apply("Min", DType.I64, least, dims.size(size.bound())));
      }
      case Gradient _ -> throw GraphExport.fail(node, "is to be taken before");
    }
  }

  private void sort(Node node) {
    Value x = node.operand(0);
    Grid values = loaded(x);
    Dim count = x.type().shape().getLast();
    List<String> results = sink.add("TopK", List.of(values.name(), dims.list(List.of(count))), 2);
    define(node.result(0), results.get(0));
    define(node.result(1), results.get(1));
  }

  /// Exports a node by what its op says an element is.
  void byDefinition(Primitive op, Node node) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = node.result().type().shape().stream().map(fresh::axis).toList();
    List<Dim> at = axes.stream().map(Axis::index).toList();
    byElement(node, Scope.of(axes, facts), op.define(node.operandTypes(), at, fresh));
  }

  /// Exports a node whose element at the axes of `scope` is `elem`.
  void byElement(Node node, Scope scope, Elem elem) {
    Grid computed =
        new ElementNodes(sink, dims, grids(node.operands()), node.operandTypes()).of(elem, scope);
    DType dtype = node.result().type().dtype();
    define(node.result(), carriers().store(computed, dtype));
  }

  /// Exports nodes that stand for a node.
  void instead(Node node, GraphBuilder b, List<Value> results) {
    b.nodes().forEach(this::node);
    for (int i = 0; i < results.size(); i++) {
      define(node.result(i), grid(results.get(i)));
    }
  }

  /// The names of a graph's results, each one's own and made by a node of this graph.
  List<String> results(List<Value> results) {
    Set<String> seen = new HashSet<>();
    Set<String> own = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (Value result : results) {
      String full = full(result);
      sink.nodes().forEach(node -> own.addAll(node.outputs()));
      boolean fresh = own.contains(full) && seen.add(full);
      names.add(fresh ? full : sink.copy(full));
    }
    return names;
  }

  /// Calls values in the file what they are called in the graph.
  void suggestNames() {
    grids.forEach((value, grid) -> {
      if (!value.name().isEmpty() && grid.name().startsWith("%")) {
        sink.parts().call(grid.name(), value.name());
      }
    });
  }
}
