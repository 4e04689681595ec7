package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.abs;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.floor;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Elements between the places of a tensor.
final class Sampling {
  private Sampling() {}

  /// The element of operand 0 at a point of its last axes, by linear interpolation with zeros
  /// around it.
  ///
  /// @param leading the place along the axes before those
  static Elem linear(TensorType x, List<Dim> leading, List<Elem> point) {
    int rank = point.size();
    Elem sum = null;
    for (int corner = 0; corner < 1 << rank; corner++) {
      List<Elem> places = Elements.places(leading);
      List<Elem> conditions = new ArrayList<>();
      Elem weight = null;
      for (int i = 0; i < rank; i++) {
        boolean upper = (corner >> i & 1) == 1;
        Dim size = x.dim(leading.size() + i);
        Elem low = floor(point.get(i));
        Elem above = sub(point.get(i), low);
        Elem place = cast(DType.I64, low);
        place = upper ? add(place, whole(1)) : place;
        conditions.addAll(Elements.isInside(place, size));
        places.add(inside(place, size));
        Elem part = upper ? above : sub(real(x.dtype(), 1), above);
        weight = weight == null ? part : mul(weight, part);
      }
      Elem read = Elem.select(conditions, Elements.read(0, places), real(x.dtype(), 0));
      Elem summand = weight == null ? read : mul(weight, read);
      sum = sum == null ? summand : add(sum, summand);
    }
    return Objects.requireNonNull(sum);
  }

  /// The weight of a neighbour at `distance` in linear interpolation.
  static Elem tent(DType dtype, Elem distance) {
    return max(real(dtype, 0), sub(real(dtype, 1), abs(distance)));
  }

  /// The weight of a neighbour at `distance` in cubic convolution. Source: Keys 1981.
  static Elem cubic(DType dtype, Elem distance, double a) {
    Elem d = abs(distance);
    Elem near =
        add(mul(mul(sub(mul(real(dtype, a + 2), d), real(dtype, a + 3)), d), d), real(dtype, 1));
    Elem steps = sub(mul(real(dtype, a), d), real(dtype, 5 * a));
    Elem far = sub(mul(add(mul(steps, d), real(dtype, 8 * a)), d), real(dtype, 4 * a));
    Elem outer = select(less(d, real(dtype, 2)), far, real(dtype, 0));
    return select(Formulas.le(d, real(dtype, 1)), near, outer);
  }
}
