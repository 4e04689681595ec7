package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// One run of a region, and of those inside it, under one binding of the symbols. What is compiled
/// for a node serves every turn of a loop, until data tells another size.
final class RegionRun {
  private Bindings bindings;
  private final Precision precision;
  private final Map<Node, NodeCode> compiled = new HashMap<>();
  private final Map<Node, Region> expansions = new HashMap<>();

  RegionRun(Bindings bindings, Precision precision) {
    this.bindings = bindings;
    this.precision = precision;
  }

  List<Numbers> run(Region region, List<Numbers> arguments) {
    Map<Value, Numbers> known = new HashMap<>();
    for (int i = 0; i < region.params().size(); i++) {
      known.put(region.params().get(i), arguments.get(i));
    }
    for (Node node : region.nodes()) {
      List<Numbers> operands = all(known, node.operands());
      List<Numbers> results = run(node, operands);
      for (int i = 0; i < results.size(); i++) {
        known.put(node.result(i), results.get(i));
      }
    }
    return all(known, region.results());
  }

  private static List<Numbers> all(Map<Value, Numbers> known, List<Value> values) {
    return values.stream()
        .map(v -> Objects.requireNonNull(known.get(v), () -> v + " is used before it is made"))
        .toList();
  }

  private List<Numbers> run(Node node, List<Numbers> operands) {
    return switch (node.op()) {
      case Pointwise op -> List.of(elements(node, operands));
      case Constant constant -> List.of(Numbers.of(constant.tensor(), constant.tensor().dtype()));
      case Primitive op -> List.of(elements(node, operands));
      case Composite op -> run(expansions.computeIfAbsent(node, n -> expand(n, op)), operands);
      case ControlFlow op ->
          switch (op) {
            case If choice -> runIf(node, operands);
            case Scan scan -> runScan(node, scan, operands);
            case While loop -> runWhile(node, loop, operands);
          };
      case Extern extern ->
          switch (extern) {
            case SORT -> Sorting.descending(operands.getFirst());
          };
      case BitCast cast -> List.of(operands.getFirst().bits(cast.dtype()));
      case RuntimeSize size -> {
        tell(size, operands.getFirst());
        yield List.of();
      }
      case Gradient gradient ->
          throw new CompilerBug("interpreter", "the graph has not been differentiated");
    };
  }

  private void tell(RuntimeSize size, Numbers value) {
    long told = Math.clamp(value.integers[0], 0, bindings.evaluate(size.bound()));
    Long before = bindings.values().get(size.symbol());
    if (before != null && before != told) {
      // In another turn of a loop: what was compiled for the old size does not serve any more.
      compiled.clear();
    }
    bindings = bindings.and(size.symbol(), told);
  }

  private Numbers elements(Node node, List<Numbers> operands) {
    return compiled
        .computeIfAbsent(node, n -> NodeCode.of(n, bindings, precision))
        .run(operands.toArray(new Numbers[0]));
  }

  private static Region expand(Node node, Composite op) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params =
        node.operands().stream().map(v -> b.parameter(v.type(), v.name())).toList();
    return b.region(op.expand(b, params, node.regions()));
  }

  private List<Numbers> runIf(Node node, List<Numbers> operands) {
    Region chosen = node.regions().get(operands.getFirst().isTrue() ? 0 : 1);
    List<Numbers> results = run(chosen, operands.subList(1, operands.size()));
    return operands.getFirst().error(0) == 0
        ? results
        : results.stream().map(Numbers::uncertain).toList();
  }

  private List<Numbers> runScan(Node node, Scan scan, List<Numbers> operands) {
    int steps = Math.toIntExact(bindings.evaluate(scan.steps()));
    Region body = node.regions().getFirst();
    int emitting = scan.carried() + scan.walked();
    List<Numbers> carried = operands.subList(0, scan.carried());
    List<Numbers> stacked = new ArrayList<>();
    for (Value result : node.results().subList(scan.carried(), node.results().size())) {
      TensorType type = result.type();
      stacked.add(Numbers.zeros(type.dtype(), bindings.shape(type.shape())));
    }
    for (int turn = 0; turn < steps; turn++) {
      List<Numbers> arguments = new ArrayList<>();
      arguments.add(Numbers.scalar(DType.I32, turn));
      arguments.addAll(carried);
      for (Numbers walked : operands.subList(scan.carried(), emitting)) {
        arguments.add(walked.slice(turn));
      }
      arguments.addAll(operands.subList(emitting, operands.size()));
      List<Numbers> results = run(body, arguments);
      carried = results.subList(0, scan.carried());
      for (int i = 0; i < stacked.size(); i++) {
        stacked.get(i).setSlice(turn, results.get(scan.carried() + i));
      }
    }
    List<Numbers> out = new ArrayList<>(carried);
    out.addAll(stacked);
    return out;
  }

  private List<Numbers> runWhile(Node node, While loop, List<Numbers> operands) {
    List<Numbers> values = operands;
    boolean certain = true;
    for (long turn = 0; loop.fails() || turn < loop.limit(); turn++) {
      Numbers another = run(node.regions().get(0), values).getFirst();
      certain &= another.error(0) == 0;
      if (!another.isTrue()) {
        break;
      }
      if (turn == loop.limit()) {
        throw While.endless("a graph", turn);
      }
      List<Numbers> next = new ArrayList<>(run(node.regions().get(1), values));
      next.addAll(operands.subList(loop.carried(), operands.size()));
      values = next;
    }
    List<Numbers> carried = values.subList(0, loop.carried());
    return certain ? carried : carried.stream().map(Numbers::uncertain).toList();
  }
}
