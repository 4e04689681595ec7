package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reverse-mode differentiation of a list of nodes: the one sweep that `Differentiate`, composites
/// and control flow use.
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

  /// Walks `nodes` backwards, from the values that have a cotangent to `sources`. Only nodes
  /// between the two are asked for their derivative.
  ///
  /// @param nodes in order of making; values that they use are known to the builder
  /// @param sources the values derived by; each counts as independent of the others, so that what a
  ///   node among `nodes` made it of gets no cotangent through it
  /// @throws UndifferentiableException if a node on the way has no derivative
  public void sweep(List<Node> nodes, Collection<Value> sources) {
    Set<Value> independent = new HashSet<>(sources);
    Set<Value> active = new HashSet<>(sources);
    List<Node> way = new ArrayList<>();
    for (Node node : nodes) {
      if (node.operands().stream().anyMatch(active::contains)) {
        way.add(node);
        node.results().stream().filter(r -> r.type().dtype().isFloat()).forEach(active::add);
      }
    }
    for (Node node : way.reversed()) {
      List<@Nullable Value> dy = new ArrayList<>();
      for (Value result : node.results()) {
        dy.add(independent.contains(result) ? null : cotangents.get(result));
      }
      if (dy.stream().allMatch(Objects::isNull)) {
        continue;
      }
      List<@Nullable Value> dx = derivative(node, dy);
      for (int i = 0; i < node.operands().size(); i++) {
        Value d = dx.get(i);
        if (d != null && active.contains(node.operand(i))) {
          accumulate(node.operand(i), d);
        }
      }
    }
  }

  private List<@Nullable Value> derivative(Node node, List<@Nullable Value> dy) {
    Span before = b.at(node.span());
    try {
      return node.op().vjp(b, node, dy);
    } catch (OpException e) {
      throw new UndifferentiableException(node.span(), e);
    } finally {
      b.at(before);
    }
  }

  /// A node on the way of a gradient has no derivative; the message is a sentence for the person
  /// who wrote the model.
  public static final class UndifferentiableException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Span span;

    UndifferentiableException(Span span, OpException cause) {
      super(cause.getMessage(), cause);
      this.span = span;
    }

    /// Where the node comes from.
    public Span span() {
      return span;
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
  ///
  /// @param dy for each result its cotangent, null for zero
  /// @return for each argument its cotangent, null for zero; an argument given twice has the sum of
  ///   both at its first place
  public static List<@Nullable Value> through(
      GraphBuilder b, Region region, List<Value> arguments, List<@Nullable Value> dy) {
    List<Value> locals = arguments.stream().map(b::use).toList();
    Map<Value, Value> map = new HashMap<>();
    for (int i = 0; i < locals.size(); i++) {
      map.put(region.params().get(i), locals.get(i));
    }
    List<Node> copies = new ArrayList<>();
    for (Node node : region.nodes()) {
      List<Value> operands =
          node.operands().stream().map(v -> Objects.requireNonNull(map.get(v))).toList();
      Span before = b.at(node.span());
      Node copy = b.add(node.op(), operands, node.regions(), node.name());
      b.at(before);
      copies.add(copy);
      for (int i = 0; i < copy.results().size(); i++) {
        map.put(node.result(i), copy.result(i));
      }
    }
    ReverseMode sweep = new ReverseMode(b);
    for (int i = 0; i < dy.size(); i++) {
      Value d = dy.get(i);
      if (d != null) {
        sweep.accumulate(Objects.requireNonNull(map.get(region.results().get(i))), d);
      }
    }
    sweep.sweep(copies, locals.stream().filter(v -> v.type().dtype().isFloat()).toList());
    List<@Nullable Value> out = new ArrayList<>();
    Set<Value> seen = new HashSet<>();
    for (Value local : locals) {
      out.add(seen.add(local) && local.type().dtype().isFloat() ? sweep.cotangent(local) : null);
    }
    return out;
  }
}
