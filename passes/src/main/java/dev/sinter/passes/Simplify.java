package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules that make a graph smaller. Each either takes a node away or moves one that only reorders
/// or repeats elements nearer to the inputs or into another op, so the rules come to an end.
final class Simplify {
  private Simplify() {}

  static List<Rule> rules() {
    return List.of(
        Rule.exact("neutral-element", Simplify::neutralElement),
        Rule.exact("double-negation", Simplify::doubleNegation),
        Rule.exact("select-of-same", Simplify::selectOfSame),
        Rule.exact("transpose", Simplify::transpose),
        Rule.exact("reshape", Simplify::reshape),
        Rule.exact("cast", Simplify::cast),
        Rule.exact("broadcast", Simplify::broadcast),
        Rule.exact("scalar-constant", Simplify::scalarConstant),
        Rule.exact("layout-of-fill", Simplify::layoutOfFill),
        Rule.exact("square", Simplify::square),
        Rule.exact("reduce-nothing", Simplify::reduceNothing),
        Rule.exact("whole-slice", Simplify::wholeSlice),
        Rule.exact("slice-of-concat", Simplify::sliceOfConcat),
        Rule.exact("pad-nothing", Simplify::padNothing),
        Rule.exact("pads-side-by-side", Simplify::padsSideBySide),
        Rule.exact("concat-of-concat", Simplify::concatOfConcat),
        Rule.exact("contract-transposed", Simplify::contractTransposed),
        Rule.exact("contract-repeated", Simplify::contractRepeated));
  }

  /// `x + 0`, `x - 0`, `x * 1`, `x / 1` -> `x`
  private static @Nullable Value neutralElement(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Pointwise op)) {
      return null;
    }
    return switch (op) {
      case ADD -> isFill(node.operand(1), 0) ? node.operand(0) : second(node, 0);
      case MUL -> isFill(node.operand(1), 1) ? node.operand(0) : second(node, 1);
      case SUB -> isFill(node.operand(1), 0) ? node.operand(0) : null;
      case DIV -> isFill(node.operand(1), 1) ? node.operand(0) : null;
      default -> null;
    };
  }

  private static @Nullable Value second(Node node, double neutral) {
    return isFill(node.operand(0), neutral) ? node.operand(1) : null;
  }

  private static boolean isFill(Value value, double number) {
    return op(value) instanceof Fill fill && fill.real() == number;
  }

  /// `-(-x)` -> `x`
  private static @Nullable Value doubleNegation(GraphBuilder b, Node node) {
    return node.op() == Pointwise.NEG && op(node.operand(0)) == Pointwise.NEG
        ? definer(node.operand(0)).operand(0)
        : null;
  }

  /// `select(c, x, x)` -> `x`
  private static @Nullable Value selectOfSame(GraphBuilder b, Node node) {
    return node.op() == Pointwise.SELECT && node.operand(1).equals(node.operand(2))
        ? node.operand(1)
        : null;
  }

  /// `transpose(x)` by the order of `x` -> `x`; `transpose(transpose(x))` -> `transpose(x)`
  private static @Nullable Value transpose(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Transpose(List<Integer> outer))) {
      return null;
    }
    boolean identity = true;
    for (int i = 0; i < outer.size(); i++) {
      identity &= outer.get(i) == i;
    }
    Value x = node.operand(0);
    if (identity) {
      return x;
    }
    return op(x) instanceof Transpose(List<Integer> inner)
        ? b.add(new Transpose(outer.stream().map(inner::get).toList()), definer(x).operand(0))
        : null;
  }

  /// `reshape(x)` to the sizes of `x` -> `x`; `reshape(reshape(x))` -> `reshape(x)`
  private static @Nullable Value reshape(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Reshape reshape)) {
      return null;
    }
    Value x = node.operand(0);
    if (x.type().shape().equals(reshape.shape())) {
      return x;
    }
    return op(x) instanceof Reshape ? b.add(reshape, definer(x).operand(0)) : null;
  }

  /// `cast(x)` to the type of `x` -> `x`; `cast(cast(x))` by a wider float type -> `cast(x)`
  private static @Nullable Value cast(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Cast(DType to))) {
      return null;
    }
    Value x = node.operand(0);
    if (x.type().dtype() == to) {
      return x;
    }
    if (!(op(x) instanceof Cast(DType between))) {
      return null;
    }
    Value source = definer(x).operand(0);
    DType from = source.type().dtype();
    boolean lossless =
        from.isFloat() && between.isFloat() && between == widest(from, between) && from != between;
    return lossless && to.isFloat() ? b.add(new Cast(to), source) : null;
  }

  /// The float type that holds every value of both, or `f64`.
  private static DType widest(DType a, DType b) {
    if (a == b || a.bits() < b.bits()) {
      return b;
    }
    return a.bits() > b.bits() ? a : DType.F64;
  }

  /// `broadcast(x)` along nothing -> `x`; `broadcast(broadcast(x))` -> `broadcast(x)`
  private static @Nullable Value broadcast(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Broadcast(List<Integer> axes, List<Dim> shape))) {
      return null;
    }
    Value x = node.operand(0);
    if (axes.size() == shape.size()) {
      return x;
    }
    return op(x) instanceof Broadcast inner
        ? b.add(
            new Broadcast(inner.axes().stream().map(axes::get).toList(), shape),
            definer(x).operand(0))
        : null;
  }

  /// A constant without axes -> `fill`
  private static @Nullable Value scalarConstant(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Constant constant) || constant.tensor().rank() != 0) {
      return null;
    }
    Tensor tensor = constant.tensor();
    boolean real = tensor.dtype().isFloat();
    return b.add(
        new Fill(
            tensor.dtype(),
            real ? tensor.getDouble(0) : tensor.getLong(0),
            real ? 0 : tensor.getLong(0),
            node.result().type().shape()));
  }

  /// `x ^ 2` -> `x * x`
  private static @Nullable Value square(GraphBuilder b, Node node) {
    return node.op() == Pointwise.POW && isFill(node.operand(1), 2)
        ? b.add(Pointwise.MUL, node.operand(0), node.operand(0))
        : null;
  }

  /// `broadcast(fill)`, `transpose(fill)`, `reshape(fill)`, `slice(fill)` -> `fill`
  private static @Nullable Value layoutOfFill(GraphBuilder b, Node node) {
    boolean moves =
        node.op() instanceof Broadcast
            || node.op() instanceof Transpose
            || node.op() instanceof Reshape
            || node.op() instanceof Slice;
    return moves && op(node.operand(0)) instanceof Fill fill
        ? b.add(new Fill(fill.dtype(), fill.real(), fill.integer(), node.result().type().shape()))
        : null;
  }

  /// `reduce(x)` over no axis -> `x`
  private static @Nullable Value reduceNothing(GraphBuilder b, Node node) {
    return node.op() instanceof Reduce reduce && reduce.axes().isEmpty() ? node.operand(0) : null;
  }

  /// `slice(x)` of everything -> `x`
  private static @Nullable Value wholeSlice(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Slice slice)) {
      return null;
    }
    boolean whole =
        slice.starts().stream().allMatch(start -> start.is(0))
            && slice.steps().stream().allMatch(step -> step == 1)
            && slice.sizes().equals(node.operand(0).type().shape());
    return whole ? node.operand(0) : null;
  }

  /// `slice(concat(x, y))` inside `y` -> `slice(y)`
  private static @Nullable Value sliceOfConcat(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Slice slice)
        || !(op(node.operand(0)) instanceof Concat(int axis))
        || slice.steps().get(axis) != 1) {
      return null;
    }
    Dim before = Dim.ZERO;
    for (Value part : definer(node.operand(0)).operands()) {
      Dim start = slice.starts().get(axis).minus(before);
      Dim rest = part.type().dim(axis).minus(start).minus(slice.sizes().get(axis));
      boolean inside =
          start.isConstant() && start.constant() >= 0 && rest.isConstant() && rest.constant() >= 0;
      if (inside) {
        List<Dim> starts = new ArrayList<>(slice.starts());
        starts.set(axis, start);
        return b.add(new Slice(starts, slice.sizes(), slice.steps()), part);
      }
      before = before.plus(part.type().dim(axis));
    }
    return null;
  }

  /// `pad(x)` by nothing -> `x`
  private static @Nullable Value padNothing(GraphBuilder b, Node node) {
    return node.op() instanceof Pad && node.result().type().equals(node.operand(0).type())
        ? node.operand(0)
        : null;
  }

  /// `pad(x) + pad(y)` by zeros that leave `y` right behind `x` along an axis, as the gradients of
  /// slices do -> `pad(concat(x, y))`
  private static @Nullable Value padsSideBySide(GraphBuilder b, Node node) {
    if (node.op() != Pointwise.ADD) {
      return null;
    }
    Value one = node.operand(0);
    Value other = node.operand(1);
    Value joined = sideBySide(b, one, other);
    return joined != null ? joined : sideBySide(b, other, one);
  }

  private static @Nullable Value sideBySide(GraphBuilder b, Value first, Value second) {
    if (!isZeroPad(first) || !isZeroPad(second)) {
      return null;
    }
    Pad before = (Pad) definer(first).op();
    Pad after = (Pad) definer(second).op();
    Value x = definer(first).operand(0);
    Value y = definer(second).operand(0);
    int axis = -1;
    for (int d = 0; d < before.low().size(); d++) {
      boolean same =
          before.low().get(d).equals(after.low().get(d))
              && before.high().get(d).equals(after.high().get(d));
      boolean behind = before.low().get(d).plus(x.type().dim(d)).equals(after.low().get(d));
      if (!same && (!behind || axis >= 0)) {
        return null;
      }
      axis = same ? axis : d;
    }
    return axis < 0
        ? null
        : b.add(
            new Pad(before.low(), after.high(), before.interior(), 0),
            b.add(new Concat(axis), x, y));
  }

  private static boolean isZeroPad(Value value) {
    return op(value) instanceof Pad pad
        && pad.value() == 0
        && pad.interior().stream().allMatch(between -> between == 0);
  }

  /// `concat(concat(x, y), z)` along one axis -> `concat(x, y, z)`
  private static @Nullable Value concatOfConcat(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Concat concat)
        || node.operands().stream().noneMatch(operand -> concat.equals(op(operand)))) {
      return null;
    }
    List<Value> parts = new ArrayList<>();
    for (Value operand : node.operands()) {
      parts.addAll(concat.equals(op(operand)) ? definer(operand).operands() : List.of(operand));
    }
    return b.add(concat, parts, List.of(), node.result().name()).result();
  }

  /// `contract ab,bc->ac (transpose(x), y)` -> `contract ba,bc->ac (x, y)`
  private static @Nullable Value contractTransposed(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Contract c)) {
      return null;
    }
    for (int side = 0; side < 2; side++) {
      if (op(node.operand(side)) instanceof Transpose(List<Integer> order)) {
        String letters = side == 0 ? c.left() : c.right();
        StringBuilder moved = new StringBuilder();
        for (int axis = 0; axis < order.size(); axis++) {
          moved.append(letters.charAt(order.indexOf(axis)));
        }
        return with(b, c, node, side, moved.toString(), definer(node.operand(side)).operand(0));
      }
    }
    return null;
  }

  /// `contract ab,bc->ac (broadcast(x), y)` along `b` -> `contract a,bc->ac (x, y)`: an axis that
  /// the other operand has need not be repeated in this one.
  private static @Nullable Value contractRepeated(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Contract c)) {
      return null;
    }
    for (int side = 0; side < 2; side++) {
      String letters = side == 0 ? c.left() : c.right();
      String others = side == 0 ? c.right() : c.left();
      if (!(op(node.operand(side)) instanceof Broadcast(List<Integer> axes, List<Dim> shape))) {
        continue;
      }
      StringBuilder kept = new StringBuilder();
      boolean free = true;
      for (int axis = 0; axis < shape.size(); axis++) {
        if (axes.contains(axis)) {
          kept.append(letters.charAt(axis));
        } else {
          free &= others.indexOf(letters.charAt(axis)) >= 0;
        }
      }
      if (free) {
        return with(b, c, node, side, kept.toString(), definer(node.operand(side)).operand(0));
      }
    }
    return null;
  }

  private static Value with(
      GraphBuilder b, Contract c, Node node, int side, String letters, Value operand) {
    Contract other =
        side == 0
            ? new Contract(letters, c.right(), c.out(), c.accumulator())
            : new Contract(c.left(), letters, c.out(), c.accumulator());
    return side == 0
        ? b.add(other, operand, node.operand(1))
        : b.add(other, node.operand(0), operand);
  }

  private static @Nullable Op op(Value value) {
    return value.definer() == null ? null : value.definer().op();
  }

  private static Node definer(Value value) {
    return java.util.Objects.requireNonNull(value.definer());
  }
}
