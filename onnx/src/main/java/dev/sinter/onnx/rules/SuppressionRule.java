package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.all;
import static dev.sinter.onnx.rules.Elements.floorDiv;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.and;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.not;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Extern;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.List;

/// `NonMaxSuppression`: of boxes that overlap, the ones with the highest scores.
///
/// For each example and class the boxes are sorted by score. A loop goes over the candidates, as
/// many as the class with the most has above the threshold, which data tells; in each turn all
/// classes decide about their next one. It is kept unless it overlaps one that was kept before, or
/// there are enough.
final class SuppressionRule {
  private final OpContext op;
  private final Value boxes;
  private final DType dtype;
  private final Dim examples;
  private final Dim classes;

  private SuppressionRule(OpContext op) {
    this.op = op;
    this.boxes = op.in(0);
    TensorType scores = op.type(1);
    if (boxes.type().rank() != 3 || scores.rank() != 3 || !boxes.type().dim(2).is(4)) {
      throw op.fail(
          "takes boxes [examples, boxes, 4] and scores [examples, classes, boxes], not %s and %s"
              .formatted(boxes.type(), scores));
    }
    this.dtype = boxes.type().dtype();
    this.examples = scores.dim(0);
    this.classes = scores.dim(1);
  }

  static void addTo(OpRules rules) {
    rules.add("NonMaxSuppression", op -> new SuppressionRule(op).results());
  }

  private List<Operand> results() {
    GraphBuilder b = op.builder();
    if (op.type(1).size().is(0)) {
      return op.out(op.fill(DType.I64, 0, List.of(Dim.ZERO, Dim.of(3))));
    }
    Node sorted = b.add(Extern.SORT, List.of(op.in(1)), List.of(), "");
    Value places = sorted.result(1);
    Value candidates = candidates(sorted.result(0));
    Value most = op.add(new Reduce(Reducer.MAX, List.of(0, 1), DType.I64), candidates);
    Dim turns = b.size("candidates", most, op.type(1).dim(2));
    Value corners = corners(places, turns);
    Value kept = kept(corners, candidates, turns);
    Dim all = Dim.product(List.of(examples, classes, turns));
    Value marks =
        op.reshape(
            op.each(
                List.of(examples, classes, turns),
                at -> Elem.read(0, List.of(at.get(2), at.get(0), at.get(1))),
                kept),
            List.of(all));
    Chosen chosen = Chosen.of(b, "selected", marks);
    return op.out(
        op.each(
            List.of(chosen.count(), Dim.of(3)),
            at -> {
              Elem place = Elem.read(0, List.of(at.get(0)));
              Elem turn = mod(place, whole(turns));
              Elem line = floorDiv(place, whole(turns));
              Elem example = floorDiv(line, whole(classes));
              Elem type = mod(line, whole(classes));
              Elem box = Elements.read(1, List.of(example, type, turn));
              Elem column = whole(at.get(1));
              return select(eq(column, whole(0)), example, select(eq(column, whole(1)), type, box));
            },
            chosen.places(),
            places));
  }

  /// How many boxes of each class have a score above the threshold.
  private Value candidates(Value scores) {
    Value marks =
        op.has(4)
            ? op.add(
                Pointwise.GT,
                scores,
                op.broadcast(scalar(4, scores.type().dtype()), scores.type().shape()))
            : op.fill(DType.BOOL, 1, scores.type().shape());
    return op.add(new Reduce(Reducer.SUM, List.of(2), DType.I64), op.cast(marks, DType.I64));
  }

  private Value scalar(int input, DType dtype) {
    return op.cast(op.reshape(op.in(input), List.of()), dtype);
  }

  /// The lowest and highest corner of each box in the order of the scores: `y, x, y, x`.
  private Value corners(Value places, Dim turns) {
    boolean center = op.integer("center_point_box", 0) != 0;
    Elem two = real(dtype, 2);
    return op.each(
        List.of(turns, examples, classes, Dim.of(4)),
        at -> {
          Elem box = Elem.read(1, List.of(at.get(1), at.get(2), at.get(0)));
          Elem[] own = new Elem[4];
          for (int i = 0; i < 4; i++) {
            own[i] = Elements.read(0, List.of(whole(at.get(1)), box, whole(i)));
          }
          Elem[] ends =
              center
                  ? new Elem[] {
                    sub(own[1], div(own[3], two)),
                    sub(own[0], div(own[2], two)),
                    add(own[1], div(own[3], two)),
                    add(own[0], div(own[2], two))
                  }
                  : new Elem[] {
                    min(own[0], own[2]),
                    min(own[1], own[3]),
                    max(own[0], own[2]),
                    max(own[1], own[3])
                  };
          Elem corner = ends[3];
          for (int i = 2; i >= 0; i--) {
            corner = select(eq(whole(at.get(3)), whole(i)), ends[i], corner);
          }
          return corner;
        },
        boxes,
        places);
  }

  /// Which candidates stay: `bool[turns, examples, classes]`.
  private Value kept(Value corners, Value candidates, Dim turns) {
    List<Dim> each = List.of(examples, classes);
    Value enough = op.has(2) ? scalar(2, DType.I64) : op.fill(DType.I64, 0, List.of());
    Value overlap = op.has(3) ? scalar(3, dtype) : op.fill(dtype, 0, List.of());
    Value none = op.fill(DType.BOOL, 0, List.of(turns, examples, classes));
    Node loop =
        Turns.scan(
            op.builder(),
            turns,
            List.of(none, op.fill(DType.I64, 0, each)),
            List.of(corners),
            (b, turn, carried, now) -> {
              Value kept = carried.get(0);
              Value count = carried.get(1);
              Value stays =
                  OpContext.each(
                      b,
                      each,
                      (at, fresh) -> {
                        Axis before = fresh.axis(turns);
                        Elem number = Elem.read(0, List.of());
                        Elem earlier =
                            less(whole(before.index()), new Elem.Cast(DType.I64, number));
                        Elem was = Elem.read(1, place(before, at));
                        Elem over = less(Elem.read(2, List.of()), ratio(before, at));
                        Elem suppressed =
                            new Elem.Reduce(
                                Reducer.ANY, DType.BOOL, List.of(before), all(earlier, was, over));
                        Elem isOne = less(new Elem.Cast(DType.I64, number), Elem.read(3, at));
                        Elem room = less(Elem.read(4, at), Elem.read(5, List.of()));
                        return all(isOne, room, not(suppressed));
                      },
                      turn,
                      kept,
                      overlap,
                      candidates,
                      count,
                      enough,
                      corners,
                      now.getFirst());
              Value row = b.add(new Reshape(List.of(Dim.ONE, examples, classes)), stays);
              return List.of(
                  b.add(new UpdateSlice(0), kept, row, turn),
                  b.add(Pointwise.ADD, count, b.add(new Cast(DType.I64), stays)));
            });
    return loop.result(0);
  }

  private static List<Dim> place(Axis before, List<Dim> at) {
    return List.of(before.index(), at.get(0), at.get(1));
  }

  /// The area that the candidate shares with an earlier one, as a part of the area of both; 0 where
  /// a box has no area. Operand 6 has the corners of all candidates, 7 those of this turn's.
  private Elem ratio(Axis before, List<Dim> at) {
    Elem[] a = new Elem[4];
    Elem[] b = new Elem[4];
    for (int i = 0; i < 4; i++) {
      a[i] = Elem.read(6, List.of(before.index(), at.get(0), at.get(1), Dim.of(i)));
      b[i] = Elem.read(7, List.of(at.get(0), at.get(1), Dim.of(i)));
    }
    Elem zero = real(dtype, 0);
    Elem height = max(sub(min(a[2], b[2]), max(a[0], b[0])), zero);
    Elem width = max(sub(min(a[3], b[3]), max(a[1], b[1])), zero);
    Elem shared = mul(height, width);
    Elem first = area(a);
    Elem second = area(b);
    Elem whole = sub(add(first, second), shared);
    Elem real = and(less(zero, shared), and(less(zero, first), less(zero, second)));
    return select(and(real, less(zero, whole)), div(shared, whole), zero);
  }

  private static Elem area(Elem[] box) {
    return mul(sub(box[2], box[0]), sub(box[3], box[1]));
  }
}
