package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.ceil;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.floor;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.or;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Changes of a tensor's sizes with its content stretched.
final class ResizeRules {
  private static final DType F64 = DType.F64;

  private ResizeRules() {}

  static void addTo(OpRules rules) {
    rules.add("Resize", op -> resize(op, scaling(op)));
    rules.add("Upsample", op -> resize(op, new Scaling(op, op.version() < 9 ? -1 : 1, -1, -1)));
  }

  private static Scaling scaling(OpContext op) {
    return op.version() < 11 ? new Scaling(op, 1, -1, -1) : new Scaling(op, 2, 3, 1);
  }

  private static List<Operand> resize(OpContext op, Scaling scaling) {
    return op.out(
        switch (op.text("mode", "nearest")) {
          case "nearest" -> nearest(op, scaling);
          case "linear", "bilinear" -> interpolated(op, scaling, false);
          case "cubic" -> interpolated(op, scaling, true);
          default -> throw op.fail("has mode " + op.text("mode", ""));
        });
  }

  /// Where along an axis each place of the result lies in the input.
  private static Value points(OpContext op, Scaling scaling, int axis) {
    return op.each(
        List.of(scaling.shape().get(axis)),
        at -> scaling.point(axis, at.getFirst()),
        scaling.operands().toArray(Value[]::new));
  }

  private static Elem isOutside(Elem point, Dim size) {
    return or(less(point, real(F64, 0)), less(real(F64, size.minus(1)), point));
  }

  private static Value nearest(OpContext op, Scaling scaling) {
    TensorType x = op.type(0);
    List<Value> operands = new ArrayList<>(List.of(op.in(0)));
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      slots.add(scaling.keeps(i) ? 0 : operands.size());
      if (!scaling.keeps(i)) {
        operands.add(points(op, scaling, i));
      }
    }
    Elem extrapolation = Elem.literal(x.dtype(), op.real("extrapolation_value", 0));
    return op.each(
        scaling.shape(),
        at -> {
          List<Elem> places = Elements.places(at);
          Elem outside = null;
          for (int i = 0; i < x.rank(); i++) {
            if (slots.get(i) > 0) {
              Elem point = Elem.read(slots.get(i), List.of(at.get(i)));
              boolean smaller = scaling.shrinks(i);
              places.set(i, inside(cast(DType.I64, rounded(op, point, smaller)), x.dim(i)));
              Elem here = isOutside(point, x.dim(i));
              outside = outside == null ? here : or(outside, here);
            }
          }
          Elem read = Elements.read(0, places);
          return outside == null || !scaling.extrapolates()
              ? read
              : select(outside, extrapolation, read);
        },
        operands.toArray(Value[]::new));
  }

  private static Elem rounded(OpContext op, Elem point, boolean smaller) {
    if (op.version() < 11) {
      return smaller ? ceil(point) : floor(point);
    }
    Elem half = real(F64, 0.5);
    return switch (op.text("nearest_mode", "round_prefer_floor")) {
      case "round_prefer_floor" -> ceil(sub(point, half));
      case "round_prefer_ceil" -> floor(add(point, half));
      case "floor" -> floor(point);
      case "ceil" -> ceil(point);
      default -> throw op.fail("has nearest_mode " + op.text("nearest_mode", ""));
    };
  }

  /// One axis after the other: each element is a sum of neighbours along it by their weights.
  private static Value interpolated(OpContext op, Scaling scaling, boolean cubic) {
    TensorType x = op.type(0);
    DType dtype = Formulas.floats(x.dtype());
    Value y = op.cast(op.in(0), dtype);
    for (int i = 0; i < x.rank(); i++) {
      if (!scaling.keeps(i)) {
        y = along(op, scaling, i, y, cubic);
      }
    }
    return op.cast(y, x.dtype());
  }

  private static Value along(OpContext op, Scaling scaling, int axis, Value x, boolean cubic) {
    DType dtype = x.type().dtype();
    Dim from = x.type().dim(axis);
    Dim to = scaling.shape().get(axis);
    boolean smooth = op.flag("antialias", false);
    long reach = cubic ? 2 : 1;
    // The first neighbour is at most this many places before the point.
    Dim before = smooth ? op.larger(from, to).times(reach).ceilDiv(to).minus(1) : Dim.of(reach - 1);
    Dim count = before.times(2).plus(2);
    Value points = points(op, scaling, axis);
    List<Value> sources = new ArrayList<>(List.of(points));
    sources.addAll(scaling.operands());
    Value weights =
        op.each(
            List.of(to, count),
            at -> {
              Elem point = Elem.read(0, List.of(at.get(0)));
              Elem place = add(floor(point), real(F64, at.get(1).minus(before)));
              Elem distance = sub(place, point);
              if (smooth) {
                distance = mul(distance, min(scale(scaling, axis), real(F64, 1)));
              }
              Elem weight =
                  cubic
                      ? Sampling.cubic(F64, distance, op.real("cubic_coeff_a", -0.75))
                      : Sampling.tent(F64, distance);
              return op.flag("exclude_outside", false)
                  ? select(isOutside(place, from), real(F64, 0), weight)
                  : weight;
            },
            sources.toArray(Value[]::new));
    boolean normalized = smooth || op.flag("exclude_outside", false);
    Elem extrapolation = real(dtype, op.real("extrapolation_value", 0));
    List<Dim> shape = new ArrayList<>(x.type().shape());
    shape.set(axis, to);
    Value factors = op.cast(normalized ? normalized(op, weights) : weights, dtype);
    return op.each(
        shape,
        (at, fresh) -> {
          Axis neighbour = fresh.axis(count);
          Elem point = Elem.read(2, List.of(at.get(axis)));
          Elem first = sub(cast(DType.I64, floor(point)), whole(before));
          List<Elem> places = Elements.places(at);
          places.set(axis, inside(add(first, whole(neighbour.index())), from));
          Elem sum =
              new Elem.Reduce(
                  Reducer.SUM,
                  dtype,
                  List.of(neighbour),
                  mul(
                      Elem.read(1, List.of(at.get(axis), neighbour.index())),
                      Elements.read(0, places)));
          return scaling.extrapolates() ? select(isOutside(point, from), extrapolation, sum) : sum;
        },
        x,
        factors,
        points);
  }

  /// The factor of an axis as an element over the points and then the scaling's operands.
  private static Elem scale(Scaling scaling, int axis) {
    return scaling.factor(axis).renumbered(i -> i + 1);
  }

  private static Value normalized(OpContext op, Value weights) {
    return op.each(
        weights.type().shape(),
        (at, fresh) -> {
          Axis all = fresh.axis(weights.type().dim(1));
          Elem sum =
              new Elem.Reduce(
                  Reducer.SUM, F64, List.of(all), Elem.read(0, List.of(at.get(0), all.index())));
          return div(Elem.read(0, at), sum);
        },
        weights);
  }
}
