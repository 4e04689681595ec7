package dev.sinter.onnx.export;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Choices and loops: regions become graphs inside nodes, which see the values around them.
///
/// @param region where nodes go
record ControlFlowRules(RegionExport region) {
  private static final TensorType NUMBER = TensorType.of(DType.I64, new Dim[0]);
  private static final TensorType TEST = TensorType.of(DType.BOOL, new Dim[0]);

  void export(ControlFlow op, Node node) {
    switch (op) {
      case If _ -> choice(node);
      case Scan scan -> scan(scan, node);
      case While loop -> repeat(loop, node);
    }
  }

  private NodeSink sink() {
    return region.sink();
  }

  private RegionExport inner() {
    return region.inside(new NodeSink(sink().parts(), sink()));
  }

  private void results(Node node, List<String> names) {
    for (int i = 0; i < node.results().size(); i++) {
      Value result = node.result(i);
      region.define(result, RegionExport.whole(names.get(i), result.type()));
    }
  }

  private void choice(Node node) {
    List<Value> given = node.operands().subList(1, node.operands().size());
    OnnxGraph yes = side(node.regions().get(0), given);
    OnnxGraph no = side(node.regions().get(1), given);
    results(
        node,
        sink()
            .addWithGraphs(
                "If",
                List.of(region.full(node.operand(0))),
                node.results().size(),
                NodeSink.attribute("then_branch", yes),
                NodeSink.attribute("else_branch", no)));
  }

  private OnnxGraph side(Region side, List<Value> given) {
    RegionExport inner = inner();
    for (int i = 0; i < given.size(); i++) {
      inner.define(side.params().get(i), region.grid(given.get(i)));
    }
    inner.nodes(side);
    return graph("side", inner, List.of(), side.results(), inner.results(side.results()));
  }

  private static OnnxGraph graph(
      String name,
      RegionExport inner,
      List<ValueInfo> inputs,
      List<Value> results,
      List<String> names) {
    List<ValueInfo> outputs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      outputs.add(GraphExport.info(names.get(i), results.get(i).type()));
    }
    return new OnnxGraph(
        name, inner.sink().nodes(), inputs, outputs, List.of(), inner.sink().values());
  }

  /// A new input of a graph inside.
  private ValueInfo input(TensorType type) {
    return GraphExport.info(sink().parts().fresh("given"), type);
  }

  private void scan(Scan scan, Node node) {
    Region body = node.regions().getFirst();
    RegionExport inner = inner();
    List<ValueInfo> inputs = new ArrayList<>(List.of(input(NUMBER), input(TEST)));
    Grid turn = Grid.scalar(inputs.getFirst().name(), DType.I64);
    inner.define(body.params().getFirst(), inner.sink().cast(turn, DType.I32));
    for (int i = 0; i < node.operands().size(); i++) {
      Value operand = node.operand(i);
      Value param = body.params().get(i + 1);
      if (i < scan.carried()) {
        ValueInfo given = input(param.type());
        inputs.add(given);
        inner.define(param, RegionExport.whole(given.name(), param.type()));
      } else if (i < scan.carried() + scan.walked()) {
        String slice =
            inner
                .sink()
                .add(
                    "Gather",
                    List.of(region.full(operand), turn.name()),
                    NodeSink.attribute("axis", 0));
        inner.define(param, RegionExport.whole(slice, param.type()));
      } else {
        inner.define(param, region.grid(operand));
      }
    }
    inner.nodes(body);
    List<Value> results = new ArrayList<>(body.results());
    List<String> names = new ArrayList<>(inner.results(results));
    loop(
        node,
        region.dims().size(scan.steps()).name(),
        sink().integer(DType.BOOL, 1).name(),
        node.operands().subList(0, scan.carried()),
        inner,
        inputs,
        inner.sink().copy(inputs.get(1).name()),
        results,
        names);
  }

  private void repeat(While loop, Node node) {
    Region test = node.regions().get(0);
    Region body = node.regions().get(1);
    bind(region, test, region.grids(node.operands()));
    region.nodes(test);
    String first = region.full(test.results().getFirst());
    RegionExport inner = inner();
    List<ValueInfo> inputs = new ArrayList<>(List.of(input(NUMBER), input(TEST)));
    List<Grid> given = new ArrayList<>(region.grids(node.operands()));
    for (int i = 0; i < loop.carried(); i++) {
      TensorType type = node.operand(i).type();
      ValueInfo carried = input(type);
      inputs.add(carried);
      given.set(i, RegionExport.whole(carried.name(), type));
    }
    bind(inner, body, given);
    inner.nodes(body);
    List<String> names = inner.results(body.results());
    for (int i = 0; i < loop.carried(); i++) {
      given.set(i, RegionExport.whole(names.get(i), node.operand(i).type()));
    }
    bind(inner, test, given);
    inner.nodes(test);
    loop(
        node,
        sink().integer(loop.limit()).name(),
        first,
        node.operands().subList(0, loop.carried()),
        inner,
        inputs,
        inner.results(test.results()).getFirst(),
        body.results(),
        names);
  }

  private static void bind(RegionExport in, Region region, List<Grid> given) {
    for (int i = 0; i < given.size(); i++) {
      in.define(region.params().get(i), given.get(i));
    }
  }

  private void loop(
      Node node,
      String turns,
      String begins,
      List<Value> first,
      RegionExport inner,
      List<ValueInfo> inputs,
      String goesOn,
      List<Value> results,
      List<String> names) {
    OnnxGraph body = graph("turn", inner, inputs, results, names);
    List<ValueInfo> outputs = new ArrayList<>(List.of(GraphExport.info(goesOn, TEST)));
    outputs.addAll(body.outputs());
    OnnxGraph whole =
        new OnnxGraph("turn", body.nodes(), inputs, outputs, List.of(), body.values());
    List<String> given = new ArrayList<>(List.of(turns, begins));
    first.forEach(value -> given.add(region.full(value)));
    results(
        node,
        sink()
            .addWithGraphs(
                "Loop", given, node.results().size(), NodeSink.attribute("body", whole)));
  }
}
