package dev.sinter.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reverse-mode differentiation of a list of nodes: the one sweep that `Differentiate`, composites
/// and loops use.
public final class ReverseMode {
  private final GraphBuilder b;
  private final Map<Value, Value> cotangents = new HashMap<>();

  /// A sweep whose nodes go to `b`.
  public ReverseMode(GraphBuilder b) {
    this.b = b;
  }

  /// Adds `cotangent` to that of `value`.
  public void accumulate(Value value, Value cotangent) {
    Value before = cotangents.get(value);
    cotangents.put(value, before == null ? cotangent : b.add(Pointwise.ADD, before, cotangent));
  }

  /// The cotangent of `value` so far; null for zero.
  public @Nullable Value cotangent(Value value) {
    return cotangents.get(value);
  }

  /// Walks `nodes` backwards and gives each operand its cotangent.
  ///
  /// @param nodes in order of making; values that they use are known to the builder
  public void sweep(List<Node> nodes) {
    for (Node node : nodes.reversed()) {
      List<@Nullable Value> dy = new ArrayList<>();
      boolean any = false;
      for (Value result : node.results()) {
        Value d = cotangents.get(result);
        dy.add(d);
        any |= d != null;
      }
      if (!any) {
        continue;
      }
      dev.sinter.ir.diagnostic.Span before = b.at(node.span());
      List<@Nullable Value> dx = node.op().vjp(b, node, dy);
      b.at(before);
      for (int i = 0; i < node.operands().size(); i++) {
        Value d = dx.get(i);
        if (d != null) {
          accumulate(node.operand(i), d);
        }
      }
    }
  }

  /// The derivative of a composite node as that of its expansion, which is built again beside it.
  static List<@Nullable Value> throughExpansion(
      GraphBuilder b, Composite op, Node node, List<@Nullable Value> dy) {
    GraphBuilder inner = new GraphBuilder();
    List<Value> params =
        node.operands().stream().map(v -> inner.parameter(v.type(), v.name())).toList();
    Region region = inner.region(op.expand(inner, params, node.regions()));
    return through(b, region, node.operands(), dy);
  }

  /// The derivative of `region` applied to `arguments`: its nodes are computed again in `b`.
  public static List<@Nullable Value> through(
      GraphBuilder b, Region region, List<Value> arguments, List<@Nullable Value> dy) {
    Map<Value, Value> map = new HashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      map.put(region.params().get(i), b.use(arguments.get(i)));
    }
    List<Node> copies = new ArrayList<>();
    for (Node node : region.nodes()) {
      List<Value> operands =
          node.operands().stream().map(v -> java.util.Objects.requireNonNull(map.get(v))).toList();
      Node copy = b.add(node.op(), operands, node.regions(), "");
      copies.add(copy);
      for (int i = 0; i < copy.results().size(); i++) {
        map.put(node.result(i), copy.result(i));
      }
    }
    ReverseMode sweep = new ReverseMode(b);
    for (int i = 0; i < dy.size(); i++) {
      Value d = dy.get(i);
      if (d != null) {
        sweep.accumulate(java.util.Objects.requireNonNull(map.get(region.results().get(i))), d);
      }
    }
    // An argument given twice would collect the sum for each; derive by parameters one at a time.
    sweep.sweep(copies);
    List<@Nullable Value> out = new ArrayList<>();
    java.util.Set<Value> seen = new java.util.HashSet<>();
    for (Value argument : arguments) {
      Value local = b.use(argument);
      out.add(seen.add(local) ? sweep.cotangent(local) : null);
    }
    return out;
  }
}
