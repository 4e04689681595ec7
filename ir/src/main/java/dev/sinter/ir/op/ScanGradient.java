package dev.sinter.ir.op;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The derivative of a [Scan]: the scan once more with what it carried into each turn emitted,
/// unless it did so at once, then a scan over the turns from the last to the first that carries the
/// cotangents.
///
/// The backward scan carries the cotangents of the carried floats and the sums of those of the
/// floats that every turn sees; it walks the carried values, the walked tensors and the cotangents
/// of what was emitted, all reversed; it emits the cotangents of the walked floats.
final class ScanGradient {
  private static final TensorType TURN = TensorType.of(DType.I32, new long[0]);

  private final GraphBuilder b;
  private final Scan scan;
  private final Node node;
  private final List<@Nullable Value> dy;
  private final Region body;

  private ScanGradient(GraphBuilder b, Scan scan, Node node, List<@Nullable Value> dy) {
    this.b = b;
    this.scan = scan;
    this.node = node;
    this.dy = dy;
    this.body = node.regions().getFirst();
  }

  /// The cotangents of the operands of `node`, a scan.
  static List<@Nullable Value> of(GraphBuilder b, Scan scan, Node node, List<@Nullable Value> dy) {
    return new ScanGradient(b, scan, node, dy).build();
  }

  /// A run of the node's operands: what is carried, walked or seen.
  private List<Value> operands(int from, int to) {
    return node.operands().subList(from, to);
  }

  private static List<Value> floats(List<Value> values) {
    return values.stream().filter(v -> v.type().dtype().isFloat()).toList();
  }

  private List<@Nullable Value> build() {
    int firstSeen = scan.carried() + scan.walked();
    List<Value> carried = operands(0, scan.carried());
    List<Value> walked = operands(scan.carried(), firstSeen);
    List<Value> seen = operands(firstSeen, node.operands().size());

    List<Value> start = new ArrayList<>();
    for (int i = 0; i < scan.carried(); i++) {
      Value value = carried.get(i);
      Value d = dy.get(i);
      if (value.type().dtype().isFloat()) {
        start.add(d == null ? b.fill(value.type(), 0) : d);
      }
    }
    floats(seen).forEach(value -> start.add(b.fill(value.type(), 0)));
    List<Value> sequences = new ArrayList<>(entering());
    sequences.addAll(walked);
    for (int i = scan.carried(); i < dy.size(); i++) {
      Value d = dy.get(i);
      if (d != null) {
        sequences.add(d);
      }
    }
    List<Value> backward = new ArrayList<>(start);
    sequences.forEach(s -> backward.add(Slice.reversed(b, s, 0)));
    backward.addAll(seen);
    Scan reverse = new Scan(scan.steps(), start.size(), sequences.size());
    Node grad = b.add(reverse, backward, List.of(turn(carried, walked, seen)), "");
    return answers(grad, carried, walked, seen);
  }

  /// What each turn found carried, stacked along a new first axis.
  private List<Value> entering() {
    Node saved =
        scan.isSaving(body)
            ? node
            : b.add(scan, node.operands(), List.of(scan.saving(body)), node.name());
    int all = saved.results().size();
    return saved.results().subList(all - scan.carried(), all);
  }

  /// The backward scan's body.
  private Region turn(List<Value> carried, List<Value> walked, List<Value> seen) {
    GraphBuilder inner = b.nested();
    Value turn = inner.parameter(TURN, "turn");
    List<@Nullable Value> cotangents = new ArrayList<>();
    for (Value value : carried) {
      boolean derived = value.type().dtype().isFloat();
      cotangents.add(derived ? inner.parameter(value.type(), "d" + value.name()) : null);
    }
    List<Value> sums = parameters(inner, floats(seen));
    List<Value> arguments = new ArrayList<>();
    arguments.add(inner.add(Pointwise.SUB, inner.fill(TURN, scan.steps().minus(1)), turn));
    arguments.addAll(parameters(inner, body.params().subList(1, 1 + scan.carried())));
    arguments.addAll(
        parameters(
            inner, body.params().subList(1 + scan.carried(), 1 + scan.carried() + scan.walked())));
    for (int i = scan.carried(); i < dy.size(); i++) {
      TensorType emitted = body.results().get(i).type();
      cotangents.add(dy.get(i) == null ? null : inner.parameter(emitted, "d"));
    }
    arguments.addAll(parameters(inner, seen));

    List<@Nullable Value> dx = ReverseMode.through(inner, body, arguments, cotangents);
    List<Value> results = new ArrayList<>();
    collect(inner, carried, dx.subList(1, 1 + carried.size()), results);
    List<Value> parts = new ArrayList<>();
    collect(inner, seen, dx.subList(1 + carried.size() + walked.size(), dx.size()), parts);
    for (int i = 0; i < parts.size(); i++) {
      results.add(inner.add(Pointwise.ADD, sums.get(i), parts.get(i)));
    }
    List<Value> slices =
        body.params().subList(1 + carried.size(), 1 + carried.size() + walked.size());
    collect(
        inner, slices, dx.subList(1 + carried.size(), 1 + carried.size() + walked.size()), results);
    return inner.region(results);
  }

  private static List<Value> parameters(GraphBuilder inner, List<Value> like) {
    return like.stream().map(v -> inner.parameter(v.type(), v.name())).toList();
  }

  /// Adds the cotangent of each float among `values`, zeros where there is none.
  private static void collect(
      GraphBuilder inner, List<Value> values, List<@Nullable Value> dx, List<Value> results) {
    for (int i = 0; i < values.size(); i++) {
      TensorType type = values.get(i).type();
      Value d = dx.get(i);
      if (type.dtype().isFloat()) {
        results.add(d == null ? inner.fill(type, 0) : d);
      }
    }
  }

  private List<@Nullable Value> answers(
      Node grad, List<Value> carried, List<Value> walked, List<Value> seen) {
    int next = 0;
    List<@Nullable Value> out = new ArrayList<>();
    for (Value value : carried) {
      out.add(value.type().dtype().isFloat() ? grad.result(next++) : null);
    }
    int firstWalked = next + floats(seen).size();
    for (Value value : walked) {
      out.add(
          value.type().dtype().isFloat() ? Slice.reversed(b, grad.result(firstWalked++), 0) : null);
    }
    for (Value value : seen) {
      out.add(value.type().dtype().isFloat() ? grad.result(next++) : null);
    }
    return out;
  }
}
