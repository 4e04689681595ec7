package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Transpose;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes integers of 8 bits of the weights of contractions, where they are to be kept so:
///
/// ```
/// contract(x, w)  ->  contract(x, q) * s,  q = i8(round(w / s)),  s = max(abs(w)) / 127
/// ```
///
/// The maximum is over the axes that are summed, so that each column of results has a scale of its
/// own, and the sums are of whole numbers times `x`. Both `q` and `s` are known at load, so that
/// [HoistWeights] takes them out of the calls.
///
/// Only for weights along whose columns the lanes of vectors run, as those of linear layers: the
/// last axis of the result is theirs alone, and more than the lanes of one vector, of which four
/// are kept together. Filters of convolutions stay as they are, and so do weights that a loop
/// takes.
final class QuantizeWeights {
  /// The largest integer: the smallest is its negative, so that both signs have the same steps.
  private static final long LARGEST = 127;

  private final LoadTime load;

  private QuantizeWeights(LoadTime load) {
    this.load = load;
  }

  /// @param shared the names of the parameters that no entry writes
  static Graph quantize(Graph graph, Set<String> shared, WeightStorage storage) {
    if (storage != WeightStorage.INT8) {
      return graph;
    }
    QuantizeWeights pass = new QuantizeWeights(new LoadTime(graph, shared));
    List<Rule> rules = List.of(Rule.fast("contraction-of-integers", pass::contraction));
    // It was asked for, whatever the mode is.
    return new Rewrite("quantize-weights", rules, MathMode.FAST).graph(graph);
  }

  private @Nullable Value contraction(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Contract c) || c.accumulator() != DType.F32) {
      return null;
    }
    if (load.isConstant(node.operand(0)) == load.isConstant(node.operand(1))) {
      return null;
    }
    if (fits(c, node.operand(0), node.operand(1))) {
      return product(b, c, node.operand(0), node.operand(1));
    }
    Contract turned = new Contract(c.right(), c.left(), c.out(), c.accumulator());
    return fits(turned, node.operand(1), node.operand(0))
        ? product(b, turned, node.operand(1), node.operand(0))
        : null;
  }

  /// Whether the right operand is a weight that is worth it, of whose axes some are summed, and the
  /// last axis of the result is its columns.
  private boolean fits(Contract c, Value x, Value weight) {
    if (c.out().isEmpty() || c.right().chars().allMatch(axis -> c.out().indexOf(axis) >= 0)) {
      return false;
    }
    char last = c.out().charAt(c.out().length() - 1);
    int columns = c.right().indexOf(last);
    return columns >= 0
        && c.left().indexOf(last) < 0
        && x.type().dtype() == DType.F32
        && weight.type().dtype() == DType.F32
        && load.isKept(weight)
        && LoadTime.elements(weight) >= WeightStorage.FEWEST
        && weight.type().dim(columns).constant() > LoopKernel.MOST_LANES;
  }

  private static Value product(GraphBuilder b, Contract c, Value x, Value weight) {
    List<Integer> summed = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    for (int axis = 0; axis < c.right().length(); axis++) {
      (c.out().indexOf(c.right().charAt(axis)) < 0 ? summed : kept).add(axis);
    }
    Value largest = Reduce.of(b, Reducer.MAX, summed, b.add(Pointwise.ABS, weight));
    TensorType type = largest.type();
    Value step = b.add(Pointwise.DIV, largest, b.fill(type, LARGEST));
    // A column of zeros has no largest, and needs no scale.
    Value none = b.add(Pointwise.EQ, step, b.fill(type, 0));
    Value scale = b.add(Pointwise.SELECT, none, b.fill(type, 1), step);
    Value all = b.add(new Broadcast(kept, weight.type().shape()), scale);
    Value whole = b.add(Pointwise.ROUND, b.add(Pointwise.DIV, weight, all));
    Value sums = b.add(c, x, b.add(new Cast(DType.I8), whole));
    // The scale has its axes in the order of the weight's, which may be another in the result.
    List<Integer> places = kept.stream().map(a -> c.out().indexOf(c.right().charAt(a))).toList();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      order.add(i);
    }
    order.sort(Comparator.comparing(places::get));
    List<Integer> sorted = places.stream().sorted().toList();
    Value turned = sorted.equals(places) ? scale : b.add(new Transpose(order), scale);
    return b.add(Pointwise.MUL, sums, b.add(new Broadcast(sorted, sums.type().shape()), turned));
  }
}
