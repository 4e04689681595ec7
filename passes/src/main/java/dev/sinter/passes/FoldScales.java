package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Fill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Moves factors and summands that are known at load behind a convolution or contraction into its
/// weight and one bias, as those of a batch norm at inference:
///
/// ```
/// (conv(x, w) + b - mean) * scale + shift  ->  conv(x, w * scale) + ((b - mean) * scale + shift)
/// ```
///
/// What stands on the right in parentheses is small and known at load, so that [HoistWeights] takes
/// it out of the calls. A value that others read too is left alone. Sums are rounded in another
/// order than before.
final class FoldScales {
  private final LoadTime load;
  private final Map<Value, Integer> uses = new HashMap<>();

  private FoldScales(Graph graph, Set<String> shared) {
    this.load = new LoadTime(graph, shared);
    count(graph.body());
  }

  private void count(Region region) {
    region.results().forEach(value -> uses.merge(value, 1, Integer::sum));
    for (Node node : region.nodes()) {
      node.operands().forEach(value -> uses.merge(value, 1, Integer::sum));
      node.regions().forEach(this::count);
    }
  }

  /// @param shared the names of the parameters that no entry writes
  static Graph fold(Graph graph, Set<String> shared, MathMode math) {
    Graph now = graph;
    while (true) {
      // What a sweep made has no number of uses yet: the next round knows it.
      List<Rule> rules = new FoldScales(now, shared).rules();
      Graph next = new Rewrite("fold-scales", rules, math).graph(now);
      if (next.equals(now)) {
        return now;
      }
      now = next;
    }
  }

  private List<Rule> rules() {
    return List.of(
        Rule.fast("factor-to-weight", this::factor),
        Rule.fast("quotient-to-factor", this::quotient),
        Rule.exact("difference-to-sum", this::difference),
        Rule.fast("sum-of-sums", this::sum));
  }

  /// Something small that is known at load, repeated to the size of a result.
  ///
  /// @param axes the axes of the result along which it varies, ascending
  private record Small(List<Integer> axes, Value value) {
    static Small of(Value value) {
      Node definer = value.definer();
      if (definer != null && definer.op() instanceof Broadcast(List<Integer> axes, var _)) {
        return new Small(axes, definer.operand(0));
      }
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < value.type().rank(); i++) {
        all.add(i);
      }
      return new Small(all, value);
    }

    /// The value repeated along the other axes of `shape`.
    Value in(GraphBuilder b, List<Dim> shape) {
      return axes.size() == shape.size() ? value : b.add(new Broadcast(axes, shape), value);
    }

    /// `op` of two, along the axes of both.
    static Small join(GraphBuilder b, Pointwise op, Small left, Small right, List<Dim> shape) {
      List<Integer> axes = new ArrayList<>(new TreeSet<>(left.axes));
      right.axes.stream().filter(axis -> !axes.contains(axis)).forEach(axes::add);
      axes.sort(null);
      List<Dim> sizes = axes.stream().map(shape::get).toList();
      Value value = b.add(op, left.along(b, axes, sizes), right.along(b, axes, sizes));
      return new Small(axes, value);
    }

    private Value along(GraphBuilder b, List<Integer> all, List<Dim> sizes) {
      return new Small(axes.stream().map(all::indexOf).toList(), value).in(b, sizes);
    }
  }

  private Small small(GraphBuilder b, Value value) {
    if (value.definer() != null && value.definer().op() instanceof Fill fill) {
      Fill one = new Fill(fill.dtype(), fill.real(), fill.integer(), List.of());
      return new Small(List.of(), b.add(one));
    }
    return Small.of(value);
  }

  /// `conv(x, w) * s` -> `conv(x, w * s)`, `(u + t) * s` -> `u * s + t * s`
  private @Nullable Value factor(GraphBuilder b, Node node) {
    for (int side = 0; node.op() == Pointwise.MUL && side < 2; side++) {
      Value u = node.operand(side);
      Value s = node.operand(1 - side);
      if (!load.isConstant(s) || !takes(u, small(b, s).axes())) {
        continue;
      }
      Node inner = java.util.Objects.requireNonNull(u.definer());
      Small scale = small(b, s);
      if (inner.op() == Pointwise.ADD) {
        int known = load.isConstant(inner.operand(0)) ? 0 : 1;
        List<Dim> shape = u.type().shape();
        Small shift = Small.join(b, Pointwise.MUL, small(b, inner.operand(known)), scale, shape);
        Value scaled = b.add(Pointwise.MUL, inner.operand(1 - known), s);
        return b.add(Pointwise.ADD, scaled, shift.in(b, shape));
      }
      return scaled(b, inner, scale);
    }
    return null;
  }

  private Value scaled(GraphBuilder b, Node core, Small scale) {
    int weight = weight(core);
    Value w = core.operand(weight);
    // Sorted by the weight's axes, which may come in another order than the result's.
    List<Integer> places = scale.axes().stream().map(axis -> weightAxis(core, axis)).toList();
    List<Integer> sorted = places.stream().sorted().toList();
    Value factor = scale.value();
    if (!sorted.equals(places)) {
      factor =
          b.add(
              new dev.sinter.ir.op.Transpose(sorted.stream().map(places::indexOf).toList()),
              factor);
    }
    Value product = b.add(Pointwise.MUL, w, new Small(sorted, factor).in(b, w.type().shape()));
    List<Value> operands = new ArrayList<>(core.operands());
    operands.set(weight, product);
    return b.add(core.op(), operands, List.of(), core.name()).result();
  }

  /// `u / s` -> `u * (1 / s)`
  private @Nullable Value quotient(GraphBuilder b, Node node) {
    if (node.op() != Pointwise.DIV || !load.isConstant(node.operand(1))) {
      return null;
    }
    Small divisor = small(b, node.operand(1));
    if (!takes(node.operand(0), divisor.axes())) {
      return null;
    }
    Value one = b.fill(divisor.value().type(), 1);
    Small factor = new Small(divisor.axes(), b.add(Pointwise.DIV, one, divisor.value()));
    return b.add(Pointwise.MUL, node.operand(0), factor.in(b, node.result().type().shape()));
  }

  /// `u - t` -> `u + -t`
  private @Nullable Value difference(GraphBuilder b, Node node) {
    if (node.op() != Pointwise.SUB
        || !load.isConstant(node.operand(1))
        || !takes(node.operand(0), List.of())) {
      return null;
    }
    Small t = small(b, node.operand(1));
    Small minus = new Small(t.axes(), b.add(Pointwise.NEG, t.value()));
    return b.add(Pointwise.ADD, node.operand(0), minus.in(b, node.result().type().shape()));
  }

  /// `(u + t) + r` -> `u + (t + r)`
  private @Nullable Value sum(GraphBuilder b, Node node) {
    for (int side = 0; node.op() == Pointwise.ADD && side < 2; side++) {
      Value u = node.operand(side);
      Value r = node.operand(1 - side);
      Node inner = u.definer();
      if (inner == null
          || inner.op() != Pointwise.ADD
          || !load.isConstant(r)
          || !takes(u, List.of())) {
        continue;
      }
      int known = load.isConstant(inner.operand(0)) ? 0 : 1;
      List<Dim> shape = u.type().shape();
      Small both = Small.join(b, Pointwise.ADD, small(b, inner.operand(known)), small(b, r), shape);
      return b.add(Pointwise.ADD, inner.operand(1 - known), both.in(b, shape));
    }
    return null;
  }

  /// Whether a factor along `axes` of `value` can be taken into a weight: `value` is a convolution
  /// or contraction by one, perhaps with something known at load added, and nobody else reads it.
  private boolean takes(Value value, List<Integer> axes) {
    Node node = value.definer();
    if (node == null || uses.getOrDefault(value, 0) != 1 || !isWide(value.type())) {
      return false;
    }
    if (node.op() == Pointwise.ADD) {
      boolean first = load.isConstant(node.operand(0));
      boolean second = load.isConstant(node.operand(1));
      return first != second && takes(node.operand(first ? 1 : 0), axes);
    }
    return weight(node) >= 0 && axes.stream().allMatch(axis -> weightAxis(node, axis) >= 0);
  }

  /// Narrow floats would round the weights once more.
  private static boolean isWide(TensorType type) {
    return type.dtype().isFloat() && type.dtype().bits() >= 32;
  }

  /// Which operand is a weight; none if it is no convolution or contraction, or by no weight.
  private int weight(Node node) {
    return switch (node.op()) {
      case Conv _ -> isWeight(node.operand(1)) ? 1 : -1;
      case Contract _ -> isWeight(node.operand(1)) ? 1 : isWeight(node.operand(0)) ? 0 : -1;
      default -> -1;
    };
  }

  /// Whether it is a weight that a factor can be taken into; integers have none.
  private boolean isWeight(Value value) {
    return load.isKept(value) && value.type().dtype().isFloat();
  }

  /// The axis of the weight that axis `axis` of the result is; negative if there is none.
  private int weightAxis(Node node, int axis) {
    return switch (node.op()) {
      case Conv _ -> axis == 1 ? 0 : -1;
      case Contract c -> (weight(node) == 0 ? c.left() : c.right()).indexOf(c.out().charAt(axis));
      default -> -1;
    };
  }
}
