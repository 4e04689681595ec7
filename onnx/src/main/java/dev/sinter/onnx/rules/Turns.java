package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Scan;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Builds loops whose number of turns is a size.
final class Turns {
  private Turns() {}

  /// The body of a loop.
  interface Body {
    /// Builds a turn.
    ///
    /// @param b where its nodes go
    /// @param turn which turn it is, an `i32` from 0
    /// @param carried what the turn before left
    /// @param now this turn's slice of what is walked
    /// @return what is carried on, then what is emitted
    List<Value> turn(GraphBuilder b, Value turn, List<Value> carried, List<Value> now);
  }

  /// Adds a loop.
  ///
  /// @param carried the first values of what turns hand on
  /// @param walked tensors whose first axis counts turns
  /// @return the node: what is carried after the last turn, then what turns emit
  static Node scan(GraphBuilder b, Dim steps, List<Value> carried, List<Value> walked, Body body) {
    GraphBuilder inner = b.nested();
    Value turn = inner.parameter(TensorType.of(DType.I32, new Dim[0]), "turn");
    List<Value> before = carried.stream().map(v -> inner.parameter(v.type(), v.name())).toList();
    List<Value> now = new ArrayList<>();
    for (Value value : walked) {
      TensorType type = value.type();
      now.add(inner.parameter(type.withShape(type.shape().subList(1, type.rank())), value.name()));
    }
    Region region = inner.region(body.turn(inner, turn, before, now));
    List<Value> operands = new ArrayList<>(carried);
    operands.addAll(walked);
    operands.addAll(inner.captured());
    return b.add(new Scan(steps, carried.size(), walked.size()), operands, List.of(region), "loop");
  }
}
