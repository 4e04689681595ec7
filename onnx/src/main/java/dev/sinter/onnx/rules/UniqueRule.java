package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.all;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.not;
import static dev.sinter.onnx.rules.Formulas.or;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Extern;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Iota;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// `Unique`: the distinct elements of a tensor, or the distinct slices along an axis.
///
/// Rows are sorted, the largest first and equal ones in their order; where a row differs from the
/// one before it, a run begins. Of each run the first row is the first of its kind in the tensor.
/// The runs are then put in the order that is asked for.
final class UniqueRule {
  private final OpContext op;
  private final Value rows;
  private final Dim count;
  private final Dim width;

  /// @param rows what is distinguished: a row each
  private UniqueRule(OpContext op, Value rows) {
    this.op = op;
    this.rows = rows;
    this.count = rows.type().dim(0);
    this.width = rows.type().dim(1);
  }

  static void addTo(OpRules rules) {
    rules.add("Unique", UniqueRule::unique);
  }

  private static List<Operand> unique(OpContext op) {
    TensorType type = op.type(0);
    boolean flat = !op.hasAttribute("axis");
    Value x = flat ? op.reshape(op.in(0), List.of(type.size())) : op.in(0);
    int axis = flat ? 0 : op.axis(op.integer("axis", 0), type.rank());
    Dim count = x.type().dim(axis);
    if (count.is(0)) {
      Value none = op.fill(DType.I64, 0, List.of(Dim.ZERO));
      return op.out(x, none, none, none);
    }
    List<Dim> rest = new ArrayList<>(x.type().shape());
    rest.remove(axis);
    List<Dim> shape = new ArrayList<>(rest);
    shape.addFirst(count);
    Value front =
        axis == 0
            ? x
            : op.each(
                shape,
                at -> {
                  List<Dim> place = new ArrayList<>(at.subList(1, at.size()));
                  place.add(axis, at.getFirst());
                  return Elem.read(0, place);
                },
                x);
    Value rows = op.reshape(front, List.of(count, Dim.product(rest)));
    return new UniqueRule(op, rows).results(x, axis);
  }

  private List<Operand> results(Value x, int axis) {
    Value order = order();
    Value begins = begins(order);
    Chosen runs = Chosen.of(op.builder(), "unique", begins);
    Dim distinct = runs.count();
    Value firsts = op.each(List.of(distinct), at -> picked(0, picked(1, at)), order, runs.places());
    // The number of the run that comes out as number k; its inverse is `ranks`.
    Value chosen = op.flag("sorted", true) ? backwards(distinct) : byFirst(firsts, distinct);
    Value ranks = inverse(chosen, distinct);
    Value indices = op.each(List.of(distinct), at -> picked(0, picked(1, at)), firsts, chosen);
    Value counts =
        op.each(
            List.of(distinct),
            at -> {
              Elem run = Elem.read(1, at);
              Elem next = Formulas.add(run, whole(1));
              Elem end = select(less(next, whole(distinct)), picked(0, next), whole(count));
              return sub(end, picked(0, run));
            },
            runs.places(),
            chosen);
    Value y = op.add(new Gather(axis), x, indices);
    return op.out(y, indices, inverse(order, runs.running(), ranks), counts);
  }

  private static Elem picked(int operand, Elem place) {
    return Elements.read(operand, List.of(place));
  }

  private static Elem picked(int operand, List<Dim> at) {
    return Elem.read(operand, at);
  }

  /// The numbers of the rows in the order of sorting: by the last column first, then by the one
  /// before, where equal ones stay as they are.
  private Value order() {
    GraphBuilder b = op.builder();
    if (width.is(1)) {
      return b.add(Extern.SORT, List.of(op.reshape(rows, List.of(count))), List.of(), "").result(1);
    }
    Value start = b.add(new Iota(DType.I64, 0, List.of(count)));
    Node loop =
        Turns.scan(
            b,
            width,
            List.of(start),
            List.of(),
            (inner, turn, carried, now) -> {
              Value order = carried.getFirst();
              Elem column =
                  sub(whole(width.minus(1)), new Elem.Cast(DType.I64, Elem.read(2, List.of())));
              Value keys =
                  OpContext.each(
                      inner,
                      List.of(count),
                      (at, fresh) -> Elements.read(0, List.of(Elem.read(1, at), column)),
                      rows,
                      order,
                      turn);
              Value moved = inner.add(Extern.SORT, List.of(keys), List.of(), "").result(1);
              return List.of(
                  OpContext.each(
                      inner,
                      List.of(count),
                      (at, fresh) -> picked(0, picked(1, at)),
                      order,
                      moved));
            });
    return loop.result(0);
  }

  /// Whether each row in the order differs from the one before it.
  private Value begins(Value order) {
    return op.each(
        List.of(count),
        (at, fresh) -> {
          Dim place = at.getFirst();
          Axis column = fresh.axis(width);
          Elem here = row(Elem.read(1, at), column);
          Elem before = row(Elem.read(1, List.of(place.minus(1))), column);
          Elem differs = Elem.call(ScalarFn.NE, here, before);
          if (rows.type().dtype().isFloat()) {
            Elem bothNan =
                all(Elem.call(ScalarFn.IS_NAN, here), Elem.call(ScalarFn.IS_NAN, before));
            differs = all(differs, not(bothNan));
          }
          Elem any = new Elem.Reduce(Reducer.ANY, DType.BOOL, List.of(column), differs);
          Elem first = Formulas.eq(whole(place), whole(0));
          return select(first, Elem.literal(DType.BOOL, 1L), or(first, any));
        },
        rows,
        order);
  }

  private static Elem row(Elem number, Axis column) {
    return Elements.read(0, List.of(number, whole(column.index())));
  }

  /// The runs from the smallest to the largest, which were found first.
  private Value backwards(Dim distinct) {
    return op.each(List.of(distinct), at -> whole(distinct.minus(1).minus(at.getFirst())));
  }

  /// The runs in the order in which the first of their rows come.
  private Value byFirst(Value firsts, Dim distinct) {
    Value descending = op.builder().add(Extern.SORT, List.of(firsts), List.of(), "").result(1);
    return op.each(
        List.of(distinct),
        at -> Elem.read(0, List.of(distinct.minus(1).minus(at.getFirst()))),
        descending);
  }

  /// Where each number stands in a list of all of them.
  private Value inverse(Value list, Dim size) {
    Axis axis = new AxisNames().axis(size);
    Elem place = Elem.read(0, List.of(axis.index()));
    return op.add(
        new Accumulate(
            Reducer.SUM, List.of(axis), List.of(size), List.of(place), whole(axis.index())),
        list);
  }

  /// For each row the number under which its like comes out.
  private Value inverse(Value order, Value running, Value ranks) {
    Axis axis = new AxisNames().axis(count);
    List<Dim> at = List.of(axis.index());
    Elem rank = picked(2, sub(Elem.read(1, at), whole(1)));
    return op.add(
        new Accumulate(Reducer.SUM, List.of(axis), List.of(count), List.of(Elem.read(0, at)), rank),
        order,
        running,
        ranks);
  }
}
