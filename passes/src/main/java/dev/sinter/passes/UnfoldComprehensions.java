package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Transpose;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns index notation that works point by point, or joins what does so, into the ops that do it,
/// which other passes know and which fuse with what they read: `y[n, c] = x[n, c] + b[c]` is an
/// addition of a broadcast, `s[c] = sum[n] x[n, c] * z[n, c]` a reduction of a product.
final class UnfoldComprehensions {
  private UnfoldComprehensions() {}

  static List<Rule> rules() {
    return List.of(
        Rule.exact("pointwise-comprehension", UnfoldComprehensions::unfold),
        Rule.exact("reduced-comprehension", UnfoldComprehensions::unfoldReduction));
  }

  private static @Nullable Value unfold(GraphBuilder b, Node node) {
    return node.op() instanceof Comprehension(List<Axis> axes, Elem body)
            && !axes.isEmpty()
            && !(body instanceof Elem.Literal)
            && isPointwise(body, axes, node)
        ? value(b, body, axes, node)
        : null;
  }

  private static @Nullable Value unfoldReduction(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Comprehension(List<Axis> axes, Elem body))
        || !(body
            instanceof Elem.Reduce(var reducer, DType accumulator, var reduced, Elem point))) {
      return null;
    }
    List<Axis> all = new ArrayList<>(axes);
    all.addAll(reduced);
    List<Axis> order = order(point, all);
    List<Axis> kept = order.stream().filter(axes::contains).toList();
    if (order.isEmpty() || !kept.equals(axes) || !isPointwise(point, order, node)) {
      return null;
    }
    List<Integer> gone = reduced.stream().map(order::indexOf).sorted().toList();
    return b.add(new Reduce(reducer, gone, accumulator), value(b, point, order, node));
  }

  /// The axes in the order in which an operand that has them all is read; none if there is no such
  /// operand, so that nothing would be repeated only to be joined.
  private static List<Axis> order(Elem elem, List<Axis> all) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        List<Integer> places = places(at, all);
        yield places.size() == all.size() && places.stream().distinct().count() == all.size()
            ? places.stream().map(all::get).toList()
            : List.of();
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          args.stream()
              .map(arg -> order(arg, all))
              .filter(found -> !found.isEmpty())
              .findFirst()
              .orElse(List.of());
      case Elem.Cast(DType dtype, Elem arg) -> order(arg, all);
      case Elem.Literal _, Elem.IndexValue _, Elem.Reduce _ -> List.of();
    };
  }

  /// Whether each element is a function of elements at the same point, with axes left out.
  private static boolean isPointwise(Elem elem, List<Axis> axes, Node node) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        List<Integer> places = places(at, axes);
        boolean fits =
            places.size() == at.size() && places.stream().distinct().count() == at.size();
        for (int i = 0; fits && i < at.size(); i++) {
          Dim size = node.operand(operand).type().dim(i);
          fits = size.equals(axes.get(places.get(i)).extent());
        }
        yield fits;
      }
      case Elem.Literal _ -> true;
      case Elem.IndexValue _, Elem.Reduce _ -> false;
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          args.stream().allMatch(arg -> isPointwise(arg, axes, node));
      case Elem.Cast(DType dtype, Elem arg) -> isPointwise(arg, axes, node);
    };
  }

  /// For each index the axis that it is; none for one that is no axis.
  private static List<Integer> places(List<Index> at, List<Axis> axes) {
    List<Integer> places = new ArrayList<>();
    for (Index index : at) {
      for (int axis = 0; axis < axes.size(); axis++) {
        if (index instanceof Index.At(Dim expr) && expr.equals(axes.get(axis).index())) {
          places.add(axis);
        }
      }
    }
    return places;
  }

  private static Value value(GraphBuilder b, Elem elem, List<Axis> axes, Node node) {
    List<Dim> shape = axes.stream().map(Axis::extent).toList();
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        List<Integer> places = places(at, axes);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
          order.add(i);
        }
        order.sort(Comparator.comparing(places::get));
        Value x = node.operand(operand);
        Value sorted =
            places.stream().sorted().toList().equals(places) ? x : b.add(new Transpose(order), x);
        yield places.size() == axes.size()
            ? sorted
            : b.add(new Broadcast(places.stream().sorted().toList(), shape), sorted);
      }
      case Elem.Literal literal -> b.fill(literal, shape);
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          b.add(
                  Pointwise.of(fn),
                  args.stream().map(arg -> value(b, arg, axes, node)).toList(),
                  List.of(),
                  node.name())
              .result();
      case Elem.Cast(DType dtype, Elem arg) -> b.add(new Cast(dtype), value(b, arg, axes, node));
      case Elem.IndexValue _, Elem.Reduce _ ->
          throw new IllegalArgumentException("no point: " + elem);
    };
  }
}
