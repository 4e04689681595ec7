package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Transpose;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.runtime.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Computes in `f32` with floats of 16 bits, for which a CPU has no lanes, and rounds only what
/// leaves the graph: inputs, weights, states and results keep their type. What lies between gets
/// more precise by it, casts of `f32` to 16 bits too: XLA calls it excess precision, and ONNX
/// Runtime does nearly the same on CPUs.
///
/// Before: `relu(conv(x, w))` of `f16`. After: `cast f16 (relu(conv(cast f32 (x), cast f32 (w))))`.
final class WidenFloats {
  private final GraphBuilder builder = new GraphBuilder();

  /// Values of the old region as values of their own type.
  private final Map<Value, Value> plain = new HashMap<>();

  /// Values of narrow types as values of the wide one, as far as there is need of them.
  private final Map<Value, Value> wide = new HashMap<>();

  private WidenFloats() {}

  static Graph widen(Graph graph) {
    return hasNarrow(graph.body()) ? graph.withBody(new WidenFloats().region(graph.body())) : graph;
  }

  private static boolean hasNarrow(Region region) {
    return region.params().stream().anyMatch(WidenFloats::isNarrow)
        || region.nodes().stream()
            .anyMatch(node ->
                node.results().stream().anyMatch(WidenFloats::isNarrow)
                    || node.regions().stream().anyMatch(WidenFloats::hasNarrow));
  }

  private Region region(Region region) {
    for (Value param : region.params()) {
      builder.parameter(param);
      plain.put(param, param);
    }
    for (Node node : region.nodes()) {
      Span before = builder.at(node.span());
      node(node);
      builder.at(before);
    }
    return builder.region(region.results().stream().map(this::plain).toList());
  }

  private void node(Node node) {
    if (node.op() instanceof Cast(DType to) && isWide(node.operand(0), to)) {
      plain.put(node.result(), wide(node.operand(0)));
    } else if (node.op() instanceof Cast && widens(node.result(), node.operand(0).type().dtype())) {
      wide.put(node.result(), plain(node.operand(0)));
    } else if (computes(node) && widened(node)) {
      return;
    } else {
      List<Value> operands = node.operands().stream().map(this::plain).toList();
      List<Region> regions =
          node.regions().stream().map(inner -> new WidenFloats().region(inner)).toList();
      Node now = new Node(node.op(), operands, regions, node.name(), node.span());
      builder.append(now);
      for (int i = 0; i < now.results().size(); i++) {
        plain.put(node.result(i), now.result(i));
      }
    }
  }

  /// Whether the value is at hand as one of type `to`.
  private boolean isWide(Value value, DType to) {
    return wide.containsKey(value) && widens(value, to);
  }

  /// Whether the value is narrow, and computed with as `to`.
  private static boolean widens(Value value, DType to) {
    return isNarrow(value) && value.type().dtype().compute() == to;
  }

  /// Whether the node does arithmetic with narrow floats, or moves what is at hand in wide ones. A
  /// state is not widened for the update of one line.
  private boolean computes(Node node) {
    List<Value> narrow = node.operands().stream().filter(WidenFloats::isNarrow).toList();
    boolean results = node.results().stream().anyMatch(WidenFloats::isNarrow);
    if (!node.regions().isEmpty() || (narrow.isEmpty() && !results)) {
      return false;
    }
    return switch (node.op()) {
      case Cast _, Constant _, Fill _, Iota _, RandomBits _ -> false;
      case Pointwise _ -> true;
      case UpdateSlice _ when node.operand(0).definer() == null -> false;
      case Concat _ -> narrow.stream().anyMatch(wide::containsKey);
      case Primitive p when p.kind() == Primitive.Kind.INDEXING ->
          !narrow.isEmpty() && wide.containsKey(narrow.getFirst());
      case Primitive _ -> true;
      default -> false;
    };
  }

  /// Adds the node on wide operands, if its op takes them and gives wide results for them.
  private boolean widened(Node node) {
    List<TensorType> types = node.operands().stream().map(v -> widened(v.type())).toList();
    List<TensorType> expected = node.results().stream().map(v -> widened(v.type())).toList();
    if (!gives(node.op(), types, expected)) {
      return false;
    }
    List<Value> operands = node.operands().stream().map(this::wide).toList();
    Node added = builder.add(node.op(), operands, List.of(), node.name());
    for (int i = 0; i < added.results().size(); i++) {
      Value result = node.result(i);
      (isNarrow(result) ? wide : plain).put(result, added.result(i));
    }
    return true;
  }

  private static boolean gives(Op op, List<TensorType> operands, List<TensorType> expected) {
    try {
      return op.infer(operands, List.of()).equals(expected);
    } catch (OpException e) {
      return false;
    }
  }

  private Value plain(Value value) {
    Value known = plain.get(value);
    if (known != null) {
      return known;
    }
    Value rounded =
        builder.add(new Cast(value.type().dtype()), Objects.requireNonNull(wide.get(value)));
    plain.put(value, rounded);
    return rounded;
  }

  /// The value in its compute type. What only moves a value moves the wide one, so that the cast of
  /// a weight is known before a run and inner loops read one width.
  private Value wide(Value value) {
    if (!isNarrow(value)) {
      return plain(value);
    }
    Value known = wide.get(value);
    if (known != null) {
      return known;
    }
    Node definer = value.definer();
    Value widened =
        definer != null && moves(definer.op())
            ? builder.add(definer.op(), wide(definer.operand(0)))
            : builder.add(new Cast(value.type().dtype().compute()), plain(value));
    wide.put(value, widened);
    return widened;
  }

  private static boolean moves(Op op) {
    return op instanceof Broadcast
        || op instanceof Pad
        || op instanceof Reshape
        || op instanceof Transpose;
  }

  private static boolean isNarrow(Value value) {
    return isNarrow(value.type());
  }

  private static boolean isNarrow(TensorType type) {
    return type.dtype().isFloat() && type.dtype().compute() != type.dtype();
  }

  private static TensorType widened(TensorType type) {
    return isNarrow(type) ? type.withDtype(type.dtype().compute()) : type;
  }
}
