package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.floorDiv;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.select;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Gather;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Operators that keep what a condition holds for, so that data tells how much is left.
final class ChoiceRules {
  private ChoiceRules() {}

  static void addTo(OpRules rules) {
    rules.add("NonZero", ChoiceRules::nonZero);
    rules.add("Compress", ChoiceRules::compress);
  }

  /// The places of what is not zero: a row for each axis.
  private static List<Operand> nonZero(OpContext op) {
    TensorType x = op.type(0);
    Dim size = x.size();
    if (size.is(0)) {
      return op.out(op.fill(DType.I64, 0, List.of(Dim.of(x.rank()), Dim.ZERO)));
    }
    Value flat = op.reshape(op.in(0), List.of(size));
    Value marks =
        x.dtype() == DType.BOOL
            ? flat
            : op.add(Pointwise.NE, flat, op.fill(x.dtype(), 0, List.of(size)));
    Chosen chosen = Chosen.of(op.builder(), "nonzero", marks);
    return op.out(
        op.each(
            List.of(Dim.of(x.rank()), chosen.count()),
            at -> {
              Elem place = Elem.read(0, List.of(at.get(1)));
              Elem coordinate = whole(0);
              Dim stride = Dim.ONE;
              for (int axis = x.rank() - 1; axis >= 0; axis--) {
                Elem passed = stride.is(1) ? place : floorDiv(place, whole(stride));
                Elem own = axis == 0 ? passed : mod(passed, whole(x.dim(axis)));
                coordinate = select(eq(whole(at.get(0)), whole(axis)), own, coordinate);
                stride = stride.times(x.dim(axis));
              }
              return coordinate;
            },
            chosen.places()));
  }

  /// The slices along an axis, or the elements, whose condition holds; the rest has none.
  private static List<Operand> compress(OpContext op) {
    boolean flat = !op.hasAttribute("axis");
    Value x = flat ? op.reshape(op.in(0), List.of(op.type(0).size())) : op.in(0);
    int axis = flat ? 0 : op.axis(op.integer("axis", 0), x.type().rank());
    Value condition = op.in(1);
    if (condition.type().rank() != 1) {
      throw op.fail("takes a list of conditions, not " + condition.type());
    }
    Dim asked = op.smaller(condition.type().dim(0), x.type().dim(axis));
    List<Dim> shape = new ArrayList<>(x.type().shape());
    if (asked.is(0)) {
      shape.set(axis, Dim.ZERO);
      return op.out(op.fill(x.type().dtype(), 0, shape));
    }
    Value marks =
        asked.equals(condition.type().dim(0))
            ? condition
            : op.each(List.of(asked), at -> Elem.read(0, at), condition);
    Chosen chosen = Chosen.of(op.builder(), "compressed", marks);
    return op.out(op.add(new Gather(axis), x, chosen.places()));
  }
}
