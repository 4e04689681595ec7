package dev.sinter.dsl.write;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What several nodes say together that the language has one expression for.
final class Idioms {
  private final BodyWriter body;

  Idioms(BodyWriter body) {
    this.body = body;
  }

  /// An expression for a node and others.
  ///
  /// @param inner the results of the others, which nothing else reads
  /// @param maker gives the text
  record Idiom(List<Value> inner, BodyWriter.Maker maker) {}

  /// The idiom that ends in `node`, if there is one.
  Optional<Idiom> of(Node node) {
    return switch (node.op()) {
      case Pointwise row ->
          switch (row) {
            case ADD ->
                biased(node.operand(0), node.operand(1))
                    .or(() -> biased(node.operand(1), node.operand(0)));
            case DIV -> mean(node).or(() -> average(node, false));
            case MUL -> average(node, true);
            default -> Optional.empty();
          };
      case Transpose transpose -> rearranged(node);
      case Reshape reshape -> rearranged(node).or(() -> indexed(node, reshape));
      case Broadcast broadcast -> repeated(node, broadcast);
      default -> Optional.empty();
    };
  }

  /// The node that makes a value for its only reader, or null.
  private @Nullable Node own(Value value) {
    return body.uses(value) == 1 ? value.definer() : null;
  }

  private static @Nullable Op op(@Nullable Node node) {
    return node == null ? null : node.op();
  }

  /// `conv(x, w, bias)`.
  private Optional<Idiom> biased(Value product, Value spread) {
    Node conv = own(product);
    Node repeat = own(spread);
    if (conv == null
        || repeat == null
        || !(repeat.op() instanceof Broadcast(List<Integer> axes, List<Dim> shape))
        || !axes.equals(List.of(1))
        || PointwiseText.literal(spread).isPresent()
        || new CallText(body).form(conv).isEmpty()) {
      return Optional.empty();
    }
    List<Value> bias = List.of(repeat.operand(0));
    WindowText window = new WindowText(body);
    return switch (conv.op()) {
      case Conv op ->
          Optional.of(new Idiom(List.of(product, spread), () -> window.conv(conv, op, bias)));
      case ConvInput op ->
          Optional.of(new Idiom(List.of(product, spread), () -> window.transposed(conv, op, bias)));
      default -> Optional.empty();
    };
  }

  /// `mean{a b -> a}(x)`, perhaps under other sizes.
  private Optional<Idiom> mean(Node node) {
    Optional<Elem.Literal> count = PointwiseText.literal(node.operand(1));
    Node made = own(node.operand(0));
    List<Value> inner = new ArrayList<>(List.of(node.operand(0)));
    boolean reshaped = op(made) instanceof Reshape;
    if (made != null && reshaped) {
      inner.add(made.operand(0));
      made = own(made.operand(0));
    }
    if (made == null
        || count.isEmpty()
        || !(made.op() instanceof Reduce reduce)
        || reduce.reducer() != Reducer.SUM
        || reduce.accumulator() != made.operand(0).type().dtype().compute()) {
      return Optional.empty();
    }
    Node sum = made;
    Dim size = Dim.product(reduce.axes().stream().map(sum.operand(0).type()::dim).toList());
    if (!size.isConstant() || (double) size.constant() != count.get().real()) {
      return Optional.empty();
    }
    CallText calls = new CallText(body);
    List<Dim> shape = node.result().type().shape();
    return Optional.of(
        new Idiom(
            inner,
            () -> {
              Piece mean = calls.reduce(sum, "mean", reduce.axes());
              return reshaped ? calls.reshaped(mean, shape) : mean;
            }));
  }

  /// `avg_pool(x, k = 2)`.
  private Optional<Idiom> average(Node node, boolean times) {
    Optional<Elem.Literal> factor = PointwiseText.literal(node.operand(1));
    Node sum = own(node.operand(0));
    if (sum == null
        || factor.isEmpty()
        || !(sum.op() instanceof Pool pool)
        || pool.reducer() != Reducer.SUM
        || !factor.get().dtype().isFloat()
        || new CallText(body).form(sum).isEmpty()) {
      return Optional.empty();
    }
    double count = pool.window().stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
    double expected = times ? 1 / count : count;
    return (float) expected == (float) factor.get().real()
        ? Optional.of(
            new Idiom(
                List.of(node.operand(0)), () -> new WindowText(body).pool(sum, pool, "avg_pool")))
        : Optional.empty();
  }

  /// `x[:, 0]`.
  private Optional<Idiom> indexed(Node node, Reshape reshape) {
    Node part = own(node.operand(0));
    CallText calls = new CallText(body);
    if (part == null || !(part.op() instanceof Slice slice) || calls.form(part).isEmpty()) {
      return Optional.empty();
    }
    List<Integer> dropped = new ArrayList<>();
    List<Dim> rest = new ArrayList<>();
    for (int i = 0; i < slice.sizes().size(); i++) {
      if (slice.sizes().get(i).is(1) && !part.operand(0).type().dim(i).is(1)) {
        dropped.add(i);
      } else {
        rest.add(slice.sizes().get(i));
      }
    }
    return !dropped.isEmpty() && rest.equals(reshape.shape())
        ? Optional.of(new Idiom(List.of(node.operand(0)), () -> calls.slice(part, slice, dropped)))
        : Optional.empty();
  }

  /// `repeat{a 1 -> a b}(x)`, where the axes of size 1 were taken away before.
  private Optional<Idiom> repeated(Node node, Broadcast op) {
    Node narrow = own(node.operand(0));
    if (narrow == null || !(narrow.op() instanceof Reshape reshape) || Ops.isTail(op)) {
      return Optional.empty();
    }
    List<Boolean> kept = new ArrayList<>();
    int next = 0;
    for (Dim size : narrow.operand(0).type().shape()) {
      boolean same = next < reshape.shape().size() && reshape.shape().get(next).equals(size);
      if (!same && !size.is(1)) {
        return Optional.empty();
      }
      kept.add(same);
      next += same ? 1 : 0;
    }
    return next == reshape.shape().size()
        ? Optional.of(
            new Idiom(List.of(node.operand(0)), () -> new CallText(body).repeat(narrow, op, kept)))
        : Optional.empty();
  }

  /// `rearrange{a b (c d) -> a c b d}(x, c = 12)`: axes are split, ordered anew, and joined.
  private Optional<Idiom> rearranged(Node node) {
    List<Value> inner = new ArrayList<>();
    Node turn = node;
    if (node.op() instanceof Reshape) {
      turn = own(node.operand(0));
      inner.add(node.operand(0));
    }
    if (turn == null || !(turn.op() instanceof Transpose(List<Integer> permutation))) {
      return Optional.empty();
    }
    Node first = turn;
    Node split = own(turn.operand(0));
    List<Integer> parts = new ArrayList<>();
    if (split != null
        && split.op() instanceof Reshape(List<Dim> shape)
        && RearrangeText.groups(split.operand(0).type().shape(), shape, parts)) {
      inner.add(turn.operand(0));
      first = split;
    } else {
      parts.clear();
      permutation.forEach(axis -> parts.add(1));
    }
    List<Integer> joined = new ArrayList<>();
    boolean joins = turn != node;
    if (joins
        && !RearrangeText.groups(
            node.result().type().shape(), turn.result().type().shape(), joined)) {
      return Optional.empty();
    }
    if (!joins) {
      permutation.forEach(axis -> joined.add(1));
    }
    if (inner.isEmpty()) {
      return Optional.empty();
    }
    Value x = first.operand(0);
    List<Dim> sizes = turn.operand(0).type().shape();
    RearrangeText text = new RearrangeText(parts, sizes, permutation, joined);
    return Optional.of(new Idiom(inner, () -> text.piece(x, body)));
  }
}
