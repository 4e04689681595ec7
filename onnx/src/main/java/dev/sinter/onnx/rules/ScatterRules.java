package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Formulas.ge;
import static dev.sinter.onnx.rules.Formulas.select;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Operators that put elements in places that are known at run time.
final class ScatterRules {
  private ScatterRules() {}

  static void addTo(OpRules rules) {
    rules.add("Scatter", ScatterRules::scatterElements);
    rules.add("ScatterElements", ScatterRules::scatterElements);
    rules.add("ScatterND", ScatterRules::scatterNd);
  }

  private static List<Operand> scatterElements(OpContext op) {
    TensorType x = op.type(0);
    TensorType indices = op.type(1);
    int axis = op.axis(op.integer("axis", 0), x.rank());
    if (indices.rank() != x.rank()) {
      throw op.fail("puts elements into %s by indices %s".formatted(x, indices));
    }
    return op.out(
        scattered(
            op,
            at -> {
              List<Elem> places = Elements.places(at);
              Elem index = Elements.integer(indices.dtype(), 0, at.toArray(Dim[]::new));
              places.set(axis, Elements.wrapped(index, x.dim(axis)));
              return places;
            }));
  }

  private static List<Operand> scatterNd(OpContext op) {
    TensorType x = op.type(0);
    TensorType indices = op.type(1);
    int last = indices.rank() - 1;
    if (last < 0 || !indices.dim(last).isConstant()) {
      throw op.fail("takes places of known rank, not " + indices);
    }
    int depth = (int) indices.dim(last).constant();
    if (depth > x.rank()) {
      throw op.fail("has places %s in %s".formatted(indices, x));
    }
    return op.out(
        scattered(
            op,
            at -> {
              List<Elem> places = new ArrayList<>();
              for (int i = 0; i < depth; i++) {
                List<Dim> place = new ArrayList<>(at.subList(0, last));
                place.add(Dim.of(i));
                Elem index = Elements.integer(indices.dtype(), 0, place.toArray(Dim[]::new));
                places.add(Elements.wrapped(index, x.dim(i)));
              }
              places.addAll(Elements.places(at.subList(last, at.size())));
              return places;
            }));
  }

  /// The node's tensor into which its updates are joined.
  private static Value scattered(OpContext op, Function<List<Dim>, List<Elem>> places) {
    return scattered(op, op.in(0), op.in(1), op.in(2), op.text("reduction", "none"), places);
  }

  /// A tensor into which updates are joined.
  ///
  /// @param reduction how an update is joined with what is there; with `none` it replaces it, and
  ///   of several the last one stays
  /// @param places from a place among the updates to one in the tensor, where operand 0 is
  ///   `indices`
  static Value scattered(
      OpContext op,
      Value data,
      Value indices,
      Value updates,
      String reduction,
      Function<List<Dim>, List<Elem>> places) {
    return switch (reduction) {
      case "none" -> replaced(op, data, indices, updates, places);
      case "add" -> joined(op, data, indices, updates, Reducer.SUM, places);
      case "mul" -> joined(op, data, indices, updates, Reducer.PRODUCT, places);
      case "max" -> joined(op, data, indices, updates, Reducer.MAX, places);
      case "min" -> joined(op, data, indices, updates, Reducer.MIN, places);
      default -> throw op.fail("has reduction " + reduction);
    };
  }

  private static Value joined(
      OpContext op,
      Value data,
      Value indices,
      Value updates,
      Reducer reducer,
      Function<List<Dim>, List<Elem>> places) {
    Value all =
        accumulated(op, reducer, data, updates, places, at -> Elem.read(1, at), indices, updates);
    return op.add(Pointwise.of(reducer.join()), data, all);
  }

  /// What all updates of each place of `data` come to.
  private static Value accumulated(
      OpContext op,
      Reducer reducer,
      Value data,
      Value updates,
      Function<List<Dim>, List<Elem>> places,
      Function<List<Dim>, Elem> element,
      Value... operands) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = updates.type().shape().stream().map(fresh::axis).toList();
    List<Dim> at = axes.stream().map(Axis::index).toList();
    return op.add(
        new Accumulate(reducer, axes, data.type().shape(), places.apply(at), element.apply(at)),
        operands);
  }

  /// The last update of each place is found first, then it is read.
  private static Value replaced(
      OpContext op,
      Value data,
      Value indices,
      Value updates,
      Function<List<Dim>, List<Elem>> places) {
    List<Dim> shape = updates.type().shape();
    Value last =
        accumulated(
            op,
            Reducer.MAX,
            data,
            updates,
            places,
            at -> new Elem.IndexValue(DType.I64, Elements.linear(at, shape)),
            indices);
    Dim count = Dim.product(shape);
    Value row = op.reshape(updates, List.of(count));
    return op.each(
        data.type().shape(),
        place -> {
          Elem winner = Elem.read(1, place);
          return select(
              ge(winner, Elements.ZERO),
              new Elem.Read(2, List.of(new Index.Computed(inside(winner, count)))),
              Elem.read(0, place));
        },
        data,
        last,
        row);
  }
}
