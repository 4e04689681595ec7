package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.abs;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.neg;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.function.Function;

/// The determinant of square matrices, by elimination with the largest element of a column as its
/// pivot, in a loop with a turn for each column.
final class Determinant {
  private Determinant() {}

  static void addTo(OpRules rules) {
    rules.add("Det", op -> op.out(of(op)));
  }

  private static Value of(OpContext op) {
    TensorType type = op.type(0);
    int rank = type.rank();
    if (rank < 2 || !op.agree(type.dim(rank - 1), type.dim(rank - 2))) {
      throw op.fail("takes square matrices, not " + type);
    }
    List<Dim> stack = type.shape().subList(0, rank - 2);
    Dim size = type.dim(rank - 1);
    DType dtype = type.dtype().compute();
    List<Dim> flat = List.of(Dim.product(stack), size, size);
    Value matrices = op.cast(op.reshape(op.in(0), flat), dtype);
    Value one = op.fill(dtype, 1, flat.subList(0, 1));
    Value result =
        Turns.scan(
                op.builder(),
                size,
                List.of(matrices, one),
                List.of(),
                (b, turn, before, now) -> turn(b, turn, before.get(0), before.get(1)))
            .result(1);
    return op.cast(op.reshape(result, stack), type.dtype());
  }

  /// Operands of the elements of a turn.
  private static final int MATRIX = 0;

  private static final int TURN = 1;
  private static final int PIVOT = 2;
  private static final int PRODUCT = 3;

  private static List<Value> turn(GraphBuilder b, Value turn, Value matrices, Value product) {
    TensorType type = matrices.type();
    DType dtype = type.dtype();
    Elem now = Formulas.cast(DType.I64, Elem.read(TURN, List.of()));
    // Rows above are done: no size is less than -1.
    Value column =
        each(
            b,
            type.shape().subList(0, 2),
            at -> {
              Elem row = whole(at.get(1));
              Elem size = abs(Elements.read(MATRIX, List.of(whole(at.get(0)), row, now)));
              return select(Formulas.less(row, now), real(dtype, -1), size);
            },
            matrices,
            turn);
    Value pivot = b.add(new Argmax(1, DType.I32), column);
    Value next =
        each(
            b,
            type.shape(),
            at -> {
              Elem which = whole(at.get(0));
              Elem best = pivot(at.get(0));
              Elem row = whole(at.get(1));
              // The pivot's row changes places with that of the turn.
              Elem from = select(eq(row, now), best, select(eq(row, best), now, row));
              Elem own = Elements.read(MATRIX, List.of(which, from, whole(at.get(2))));
              Elem top = Elements.read(MATRIX, List.of(which, best, whole(at.get(2))));
              Elem first = Elements.read(MATRIX, List.of(which, from, now));
              Elem divisor = Elements.read(MATRIX, List.of(which, best, now));
              Elem rest = sub(own, mul(div(first, divisor), top));
              Elem below = Formulas.less(now, row);
              Elem usable = Formulas.not(eq(divisor, real(dtype, 0)));
              return select(Formulas.and(below, usable), rest, own);
            },
            matrices,
            turn,
            pivot);
    Value factor =
        each(
            b,
            type.shape().subList(0, 1),
            at -> {
              Elem best = pivot(at.get(0));
              Elem divisor = Elements.read(MATRIX, List.of(whole(at.get(0)), best, now));
              Elem signed = select(eq(best, now), divisor, neg(divisor));
              return mul(Elem.read(PRODUCT, at), signed);
            },
            matrices,
            turn,
            pivot,
            product);
    return List.of(next, factor);
  }

  private static Elem pivot(Dim which) {
    return Formulas.cast(DType.I64, Elem.read(PIVOT, List.of(which)));
  }

  private static Value each(
      GraphBuilder b, List<Dim> shape, Function<List<Dim>, Elem> element, Value... operands) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = shape.stream().map(fresh::axis).toList();
    Elem body = element.apply(axes.stream().map(Axis::index).toList());
    return b.add(new Comprehension(axes, body), operands);
  }
}
