package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// The discrete Fourier transform of one axis, as a product by a matrix of cosines and sines; the
/// matrix is made when the model is loaded.
///
/// @param length how many places a signal has: it is cut, or filled with zeros
/// @param inverse from a spectrum to a signal
/// @param half whether a spectrum has only its first `length / 2 + 1` places, and its signal is
///   real
record Fourier(OpContext op, Dim length, boolean inverse, boolean half) {
  private static final DType WIDE = DType.F64;

  /// The transform of `axis`; the last axis of `x` is the real part alone, or both.
  Value of(Value x, int axis) {
    int rank = x.type().rank();
    Dim parts = x.type().dim(rank - 1);
    if (!parts.is(1) && !parts.is(2)) {
      throw op.fail("takes real or complex numbers along the last axis of " + x.type());
    }
    if (half && !inverse && parts.is(2)) {
      throw op.fail("gives half of a spectrum that complex numbers have in whole");
    }
    Dim given = half && inverse ? places() : length;
    Dim rows = op.smaller(x.type().dim(axis), given);
    Value cut =
        rows.equals(x.type().dim(axis)) ? x : Slice.of(op.builder(), x, axis, Dim.ZERO, rows);
    // The transformed axis before the last, so that both are one axis of the product.
    List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.rotate(order.subList(axis, rank - 1), -1);
    Value turned = axis == rank - 2 ? cut : op.add(new Transpose(order), cut);
    List<Dim> shape = new ArrayList<>(turned.type().shape().subList(0, rank - 2));
    Value flat = op.reshape(turned, List.of(Dim.product(shape), rows.times(parts)));
    Dim columns = half && !inverse ? places() : length;
    Dim results = half && inverse ? Dim.ONE : Dim.of(2);
    Value matrix = op.cast(matrix(rows, parts, columns, results), x.type().dtype());
    Value product =
        Contract.of(
            op.builder(),
            "mk,kn->mn",
            flat,
            op.reshape(matrix, List.of(rows.times(parts), columns.times(results))));
    shape.add(columns);
    shape.add(results);
    Value y = op.reshape(product, shape);
    if (axis == rank - 2) {
      return y;
    }
    List<Integer> back = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.rotate(back.subList(axis, rank - 1), 1);
    return op.add(new Transpose(back), y);
  }

  private Dim places() {
    return length.floorDiv(2).plus(1);
  }

  /// What part `c` of place `n` gives to part `d` of place `k`: the cosine of the angle `2 pi n k /
  /// N`, moved by a quarter of a turn where the parts differ.
  private Value matrix(Dim rows, Dim parts, Dim columns, Dim results) {
    return op.each(
        List.of(rows, parts, columns, results),
        at -> {
          Elem quarter = whole(inverse ? at.get(1).minus(at.get(3)) : at.get(3).minus(at.get(1)));
          Elem product = mul(whole(at.get(0)), whole(at.get(2)));
          // In quarters of 1 / N of a turn, as whole numbers: the angle stays small and exact.
          Elem turn = add(mul(product, whole(4)), mul(quarter, whole(length)));
          Elem part = Formulas.mod(turn, whole(length.times(4)));
          Elem angle =
              div(mul(Formulas.cast(WIDE, part), real(WIDE, Math.PI / 2)), real(WIDE, length));
          Elem value = Elem.call(ScalarFn.COS, angle);
          if (!inverse) {
            return value;
          }
          Elem mean = div(value, real(WIDE, length));
          return half ? mul(mean, copies(at.getFirst())) : mean;
        });
  }

  /// How often a place of half a spectrum is in the whole.
  private Elem copies(Dim place) {
    Elem twice = whole(place.times(2));
    Elem once =
        Formulas.or(
            Formulas.eq(twice, Elements.ZERO),
            Formulas.eq(sub(twice, whole(length)), Elements.ZERO));
    return select(once, real(WIDE, 1), real(WIDE, 2));
  }
}
