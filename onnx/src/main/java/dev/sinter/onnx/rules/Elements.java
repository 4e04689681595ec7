package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.clamp;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.ge;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.ScalarFn;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Short names for the elements that rules are written in. Whole numbers are `i64` here.
final class Elements {
  static final Elem ZERO = whole(0);
  static final Elem ONE = whole(1);

  private Elements() {}

  /// A whole number.
  static Elem whole(long number) {
    return Elem.literal(DType.I64, number);
  }

  /// A size or an index as a whole number.
  static Elem whole(Dim dim) {
    return dim.isConstant() ? whole(dim.constant()) : new Elem.IndexValue(DType.I64, dim);
  }

  /// The quotient of whole numbers rounded down, by a positive divisor.
  static Elem floorDiv(Elem a, Elem b) {
    return div(sub(a, mod(a, b)), b);
  }

  /// A whole number moved into `0 .. size - 1`.
  static Elem inside(Elem a, Dim size) {
    return clamp(a, ZERO, whole(size.minus(1)));
  }

  /// Whether a whole number lies in `0 .. size - 1`.
  static List<Elem> isInside(Elem a, Dim size) {
    return List.of(ge(a, ZERO), less(a, whole(size)));
  }

  /// A whole number that counts from behind where negative.
  static Elem wrapped(Elem a, Dim size) {
    return select(less(a, ZERO), add(a, whole(size)), a);
  }

  /// An element of an operand at computed places.
  static Elem read(int operand, List<Elem> at) {
    List<Index> index = new ArrayList<>();
    for (Elem place : at) {
      index.add(
          place instanceof Elem.IndexValue(DType _, Dim expr)
              ? new Index.At(expr)
              : place instanceof Elem.Literal(DType _, double _, long number)
                  ? new Index.At(Dim.of(number))
                  : new Index.Computed(place));
    }
    return new Elem.Read(operand, index);
  }

  /// An integer element of an operand as a whole number.
  static Elem integer(DType dtype, int operand, Dim... at) {
    Elem read = Elem.read(operand, List.of(at));
    return dtype == DType.I64 ? read : cast(DType.I64, read);
  }

  /// The places as whole numbers.
  static List<Elem> places(List<Dim> at) {
    List<Elem> places = new ArrayList<>();
    at.forEach(dim -> places.add(whole(dim)));
    return places;
  }

  /// The row-major number of a place.
  static Dim linear(List<Dim> at, List<Dim> shape) {
    Dim number = Dim.ZERO;
    for (int i = 0; i < at.size(); i++) {
      number = number.times(shape.get(i)).plus(at.get(i));
    }
    return number;
  }

  static Elem all(Elem... conditions) {
    return Arrays.stream(conditions).reduce((a, b) -> Elem.call(ScalarFn.AND, a, b)).orElseThrow();
  }
}
