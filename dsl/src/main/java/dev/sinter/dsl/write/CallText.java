package dev.sinter.dsl.write;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.CrossEntropy;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.LogSumExp;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.Transpose;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Ops that the language has a call for.
final class CallText {
  private final BodyWriter body;
  private final SizeText sizes;

  CallText(BodyWriter body) {
    this.body = body;
    this.sizes = body.writing().sizes();
  }

  /// How the node is written; nothing where no call says just that.
  Optional<BodyWriter.Maker> form(Node node) {
    Op op = node.op();
    return switch (op) {
      case Cast(DType dtype) -> Optional.of(() -> call(dtype.toString(), node));
      case BitCast(DType dtype) -> Optional.of(() -> call("bit_cast", node, dtype.toString()));
      case Reshape(List<Dim> shape) ->
          Optional.of(() -> call("reshape", node, "[" + sizes.list(shape) + "]"));
      case Transpose(List<Integer> permutation) -> Optional.of(() -> transpose(node, permutation));
      case Broadcast broadcast ->
          Optional.of(
              () -> repeat(node, broadcast, Collections.nCopies(broadcast.axes().size(), true)));
      case Concat(int axis) ->
          Optional.of(() -> call("concat", node, axis == 0 ? "" : "axis = " + axis));
      case Slice slice when isPlain(slice, node) ->
          Optional.of(() -> slice(node, slice, List.of()));
      case Pad pad when pad.interior().stream().allMatch(i -> i == 0) ->
          Optional.of(() -> pad(node, pad));
      case Gather(int axis) ->
          Optional.of(() -> call("gather", node, axis == 0 ? "" : "axis = " + axis));
      case UpdateSlice(int axis) -> Optional.of(() -> write(node, axis));
      case Iota(DType dtype, int axis, List<Dim> shape) ->
          Optional.of(
              () -> typed(axis == shape.size() - 1 ? "iota()" : "iota(axis = " + axis + ")", node));
      case Reduce reduce when reduce.accumulator() == compute(node) ->
          Optional.of(() -> reduce(node, ElemText.reducer(reduce.reducer()), reduce.axes()));
      case Contract contract when contract.accumulator() == compute(node) ->
          Optional.of(() -> einsum(node, contract));
      case Cumulative op2
          when op2.accumulator() == compute(node)
              && op2.reducer() != Reducer.ANY
              && op2.reducer() != Reducer.ALL ->
          Optional.of(() -> cumulative(node, op2));
      case Softmax(int axis) -> Optional.of(() -> along("softmax", node, axis));
      case LogSoftmax(int axis) -> Optional.of(() -> along("log_softmax", node, axis));
      case Argmax(int axis, DType dtype) -> Optional.of(() -> argmax(node, axis, dtype));
      case LogSumExp(int axis) -> Optional.of(() -> reduce(node, "logsumexp", List.of(axis)));
      case CrossEntropy(int axis) when axis == rank(node) - 1 ->
          Optional.of(() -> call("cross_entropy_of", node));
      case LayerNorm(List<Integer> axes, double eps) ->
          Optional.of(() -> norm("layer_norm", node, axes, eps, 1e-5));
      case RmsNorm(List<Integer> axes, double eps) ->
          Optional.of(() -> norm("rms_norm", node, axes, eps, 1e-6));
      case Attention attention when body.uses(node.result(1)) == 0 ->
          Optional.of(() -> attention(node, attention));
      case Conv conv when conv.accumulator() == compute(node) && rank(node) <= 5 ->
          Optional.of(() -> new WindowText(body).conv(node, conv, List.of()));
      case ConvInput conv
          when conv.accumulator() == compute(node) && WindowText.isTransposed(node, conv) ->
          Optional.of(() -> new WindowText(body).transposed(node, conv, List.of()));
      case Pool pool when rank(node) == pool.window().size() + 2 && rank(node) <= 5 ->
          Optional.of(() ->
              new WindowText(body)
                  .pool(node, pool, pool.reducer() == Reducer.MAX ? "max_pool" : "sum_pool"));
      default -> Optional.empty();
    };
  }

  private static int rank(Node node) {
    return node.operand(0).type().rank();
  }

  private static DType compute(Node node) {
    return node.operand(0).type().dtype().compute();
  }

  /// `name(operands, more)`.
  private Piece call(String name, Node node, String... more) {
    List<String> parts = new ArrayList<>();
    node.operands().forEach(operand -> parts.add(body.text(operand, Piece.ANY)));
    for (String part : more) {
      if (!part.isEmpty()) {
        parts.add(part);
      }
    }
    return Piece.of(name + "(" + String.join(", ", parts) + ")");
  }

  private Piece typed(String text, Node node) {
    return new Piece(text, Piece.POSTFIX, body.writing().type(node.result().type()), 0);
  }

  /// An expression under other sizes.
  Piece reshaped(Piece piece, List<Dim> shape) {
    return Piece.of("reshape(" + piece.text() + ", [" + sizes.list(shape) + "])");
  }

  private Piece along(String name, Node node, int axis) {
    return call(name, node, axis == rank(node) - 1 ? "" : "axis = " + axis);
  }

  private Piece argmax(Node node, int axis, DType dtype) {
    Piece places = along("argmax", node, axis);
    return dtype == DType.I32 ? places : Piece.of(dtype + "(" + places.text() + ")");
  }

  private Piece norm(String name, Node node, List<Integer> axes, double eps, double otherwise) {
    return call(
        name,
        node,
        eps == otherwise ? "" : "eps = " + NumberText.real(DType.F32, eps).text(),
        axes.equals(List.of(rank(node) - 1)) ? "" : "axes = " + axes);
  }

  // ---- axes by name ----

  static String letters(List<Integer> axes) {
    return String.join(" ", axes.stream().map(a -> String.valueOf((char) ('a' + a))).toList());
  }

  private static List<Integer> all(int rank) {
    return IntStream.range(0, rank).boxed().toList();
  }

  private Piece transpose(Node node, List<Integer> permutation) {
    String pattern = letters(all(permutation.size())) + " -> " + letters(permutation);
    return call("rearrange{" + pattern + "}", node);
  }

  /// A reduction by its name.
  Piece reduce(Node node, String name, List<Integer> axes) {
    if (axes.size() == rank(node)) {
      return call(name, node);
    }
    List<Integer> kept = all(rank(node)).stream().filter(a -> !axes.contains(a)).toList();
    return call(name + "{" + letters(all(rank(node))) + " -> " + letters(kept) + "}", node);
  }

  /// `repeat{a 1 -> a b}` of the operand of `node`.
  ///
  /// @param kept which axes of that operand are there in the result; the others have size 1
  Piece repeat(Node node, Broadcast op, List<Boolean> kept) {
    List<String> from = new ArrayList<>();
    int next = 0;
    for (boolean stays : kept) {
      from.add(stays ? letters(List.of(op.axes().get(next++))) : "1");
    }
    List<String> to = new ArrayList<>();
    List<String> parts = new ArrayList<>(List.of(body.text(node.operand(0), Piece.ANY)));
    for (int i = 0; i < op.shape().size(); i++) {
      String letter = letters(List.of(i));
      Dim size = op.shape().get(i);
      if (op.axes().contains(i)) {
        to.add(letter);
      } else if (size.isConstant() && size.constant() >= 0) {
        to.add(size.toString());
      } else {
        to.add(letter);
        parts.add(letter + " = " + sizes.piece(size).text());
      }
    }
    String pattern = String.join(" ", from) + " -> " + String.join(" ", to);
    return Piece.of("repeat{" + pattern + "}(" + String.join(", ", parts) + ")");
  }

  private Piece einsum(Node node, Contract op) {
    List<Character> known = new ArrayList<>();
    (op.left() + op.right()).chars().distinct().forEach(c -> known.add((char) c));
    String pattern =
        spell(op.left(), known) + ", " + spell(op.right(), known) + " -> " + spell(op.out(), known);
    return call("einsum{" + pattern + "}", node);
  }

  private static String spell(String axes, List<Character> known) {
    return letters(axes.chars().mapToObj(c -> known.indexOf((char) c)).toList());
  }

  private Piece cumulative(Node node, Cumulative op) {
    String name =
        switch (op.reducer()) {
          case SUM -> "cumsum";
          case PRODUCT -> "cumprod";
          case MAX -> "cummax";
          case MIN, ANY, ALL -> "cummin";
        };
    return call(
        name,
        node,
        op.axis() == rank(node) - 1 ? "" : "axis = " + op.axis(),
        op.exclusive() ? "exclusive = true" : "",
        op.reverse() ? "reverse = true" : "");
  }

  // ---- parts ----

  /// Whether the language can show that a slice of neighbours lies within its operand.
  private boolean isPlain(Slice op, Node node) {
    Facts facts = body.writing().facts();
    for (int i = 0; i < op.sizes().size(); i++) {
      Dim whole = node.operand(0).type().dim(i);
      boolean all = op.starts().get(i).is(0) && op.sizes().get(i).equals(whole);
      boolean proved =
          facts.atLeast(op.starts().get(i), Dim.ZERO)
              && facts.atLeast(whole, op.starts().get(i).plus(op.sizes().get(i)))
              && facts.atLeast(op.sizes().get(i), Dim.ONE);
      if (!all && (op.steps().get(i) != 1 || !proved)) {
        return false;
      }
    }
    return true;
  }

  /// `x[:, 0..3]`.
  ///
  /// @param dropped the axes of one place that go
  Piece slice(Node node, Slice op, List<Integer> dropped) {
    TensorType type = node.operand(0).type();
    List<String> parts = new ArrayList<>();
    int last = -1;
    int first = type.rank();
    for (int i = 0; i < type.rank(); i++) {
      Dim start = op.starts().get(i);
      if (start.is(0) && op.sizes().get(i).equals(type.dim(i))) {
        parts.add(":");
        continue;
      }
      first = Math.min(first, i);
      last = i;
      parts.add(
          dropped.contains(i)
              ? sizes.piece(start).text()
              : sizes.piece(start).at(Piece.SUM)
                  + ".."
                  + sizes.piece(start.plus(op.sizes().get(i))).at(Piece.SUM));
    }
    if (last < 0) {
      return body.piece(node.operand(0));
    }
    List<String> shown = new ArrayList<>(parts.subList(0, last + 1));
    if (first >= 2 && last == type.rank() - 1) {
      shown.subList(0, first).clear();
      shown.addFirst("..");
    }
    return Piece.of(
        body.text(node.operand(0), Piece.POSTFIX) + "[" + String.join(", ", shown) + "]");
  }

  private Piece pad(Node node, Pad op) {
    String value =
        op.value() == 0 ? "" : "value = " + NumberText.real(DType.F64, op.value()).text();
    List<Integer> padded =
        all(rank(node)).stream()
            .filter(i -> !op.low().get(i).is(0) || !op.high().get(i).is(0))
            .toList();
    if (padded.size() == 1) {
      int axis = padded.getFirst();
      return call(
          "pad",
          node,
          sizes.piece(op.low().get(axis)).text(),
          sizes.piece(op.high().get(axis)).text(),
          "axis = " + axis,
          value);
    }
    return call(
        "pad", node, "[" + sizes.list(op.low()) + "]", "[" + sizes.list(op.high()) + "]", value);
  }

  private Piece write(Node node, int axis) {
    return Piece.of(
        "write(%s, %s, at = %s%s)"
            .formatted(
                body.text(node.operand(0), Piece.ANY),
                body.text(node.operand(1), Piece.ANY),
                body.text(node.operand(2), Piece.ANY),
                axis == 0 ? "" : ", axis = " + axis));
  }

  private Piece attention(Node node, Attention op) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      parts.add(body.text(node.operand(i), Piece.ANY));
    }
    int next = 3;
    if (op.causal()) {
      parts.add("causal = true");
      String start = body.text(node.operand(next++), Piece.ANY);
      parts.add(start.equals("i32(0)") ? "" : "start = " + start);
    }
    if (op.masked()) {
      parts.add("mask = " + body.text(node.operand(next), Piece.ANY));
    }
    Dim width = node.operand(0).type().dim(rank(node) - 1);
    if (!width.isConstant() || op.scale() != 1 / Math.sqrt((double) width.constant())) {
      parts.add("scale = " + NumberText.real(DType.F64, op.scale()).text());
    }
    parts.removeIf(String::isEmpty);
    return Piece.of("attention(" + String.join(", ", parts) + ")");
  }
}
