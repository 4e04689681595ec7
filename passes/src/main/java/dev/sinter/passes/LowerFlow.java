package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The steps of `if`, `scan` and `while`: what their bodies are given, and where what they carry
/// and emit lies.
final class LowerFlow {
  private final Memory memory;
  private final Places places;
  private final LaunchKernels kernels;
  private final TurnNames turns;
  private final LowerBody body;

  /// @param body in which they stand
  LowerFlow(Memory memory, Places places, LaunchKernels kernels, TurnNames turns, LowerBody body) {
    this.memory = memory;
    this.places = places;
    this.kernels = kernels;
    this.turns = turns;
    this.body = body;
  }

  /// The step that does what `flow` says; what has to be done before it is launched here.
  Step step(Flow flow) {
    return switch (flow.node().op()) {
      case If _ -> choice(flow);
      case Scan scan -> scan(flow, scan);
      case While loop -> loop(flow, loop);
      default -> throw new CompilerBug("Lower", flow.node().op().mnemonic() + " has no regions");
    };
  }

  private Step choice(Flow flow) {
    Node node = flow.node();
    Source.Place condition = kernels.whole(node.operand(0));
    List<Source.Place> homes = new ArrayList<>();
    for (Value result : node.results()) {
      homes.add(places.targetOrTemporary(result));
    }
    List<List<Step>> sides = new ArrayList<>();
    for (Body side : flow.bodies()) {
      Map<Value, Source> given = new HashMap<>();
      for (int i = 0; i < side.region().params().size(); i++) {
        given.put(side.region().params().get(i), places.source(node.operand(i + 1)));
      }
      sides.add(body.nested(side, given, homes));
    }
    for (int i = 0; i < homes.size(); i++) {
      places.put(node.result(i), homes.get(i));
    }
    return new Step.If(condition.buffer(), sides.get(0), sides.get(1));
  }

  private Step scan(Flow flow, Scan scan) {
    Node node = flow.node();
    String symbol = turns.fresh();
    Dim turn = Dim.symbol(symbol);
    List<Source.Place> destinations = new ArrayList<>();
    for (int i = 0; i < node.results().size(); i++) {
      destinations.add(
          i < scan.carried() ? carried(node, i) : places.targetOrTemporary(node.result(i)));
    }
    Body inner = flow.bodies().getFirst();
    Map<Value, Source> given = new HashMap<>();
    given.put(inner.region().params().getFirst(), new Source.Turn(turn));
    for (int i = 0; i < node.operands().size(); i++) {
      Source from = i < scan.carried() ? destinations.get(i) : places.source(node.operand(i));
      boolean walked = i >= scan.carried() && i < scan.carried() + scan.walked();
      given.put(
          inner.region().params().get(i + 1),
          walked && from instanceof Source.Place place ? place.slice(turn) : from);
    }
    for (int i = 0; i < destinations.size(); i++) {
      places.put(node.result(i), destinations.get(i));
    }
    List<Source.Place> ends = new ArrayList<>(destinations);
    for (int i = scan.carried(); i < ends.size(); i++) {
      ends.set(i, ends.get(i).slice(turn));
    }
    return new Step.Repeat(symbol, scan.steps(), body.nested(inner, given, ends));
  }

  private Step loop(Flow flow, While loop) {
    Node node = flow.node();
    List<Source.Place> homes = new ArrayList<>();
    for (int i = 0; i < loop.carried(); i++) {
      homes.add(carried(node, i));
    }
    Source.Place condition =
        memory.temporary(Value.parameter(TensorType.of(DType.BOOL, new long[0]), "again"));
    List<List<Step>> bodies = new ArrayList<>();
    for (Body inner : flow.bodies()) {
      Map<Value, Source> given = new HashMap<>();
      for (int i = 0; i < node.operands().size(); i++) {
        given.put(
            inner.region().params().get(i),
            i < loop.carried() ? homes.get(i) : places.source(node.operand(i)));
      }
      bodies.add(body.nested(inner, given, bodies.isEmpty() ? List.of(condition) : homes));
    }
    for (int i = 0; i < homes.size(); i++) {
      places.put(node.result(i), homes.get(i));
    }
    return new Step.While(
        condition.buffer(), loop.limit(), loop.fails(), bodies.get(0), bodies.get(1));
  }

  /// The place of a loop's carried value, with its first value in it.
  private Source.Place carried(Node node, int index) {
    Value first = node.operand(index);
    Value result = node.result(index);
    Source.@Nullable Place target = places.target(result);
    Source from = places.source(first);
    if (target == null
        && from instanceof Source.Place place
        && Collections.frequency(node.operands(), first) == 1
        && places.isOnlyOperandIn(node, place)
        && places.dies(first)) {
      return memory.over(place.buffer(), result);
    }
    Source.Place place = places.targetOrTemporary(result);
    if (!place.equals(from)) {
      kernels.copy(first, place);
    }
    return place;
  }
}
