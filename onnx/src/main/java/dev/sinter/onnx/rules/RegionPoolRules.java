package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.ceil;
import static dev.sinter.onnx.rules.Formulas.clamp;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.floor;
import static dev.sinter.onnx.rules.Formulas.ge;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// Pooling of regions of images, which are given as rectangles when the model runs.
final class RegionPoolRules {
  private RegionPoolRules() {}

  static void addTo(OpRules rules) {
    rules.add("RoiAlign", op -> op.out(align(op)));
    rules.add("MaxRoiPool", op -> op.out(maxPool(op)));
  }

  /// The bins of a region along one axis.
  ///
  /// @param start where the region begins
  /// @param bin how wide a bin is
  /// @param samples how many points of each bin are sampled
  /// @param first the number of the first sample that may lie in the image
  private record Bins(Elem start, Elem bin, Elem samples, Elem first) {}

  private static Value align(OpContext op) {
    TensorType x = op.type(0);
    List<Dim> shape = new ArrayList<>(List.of(op.type(1).dim(0), x.dim(1)));
    shape.add(Dim.of(op.integer("output_height", 1)));
    shape.add(Dim.of(op.integer("output_width", 1)));
    boolean average = op.text("mode", "avg").equals("avg");
    return op.each(
        shape,
        (at, fresh) -> {
          Elem image = Elements.integer(op.type(2).dtype(), 2, at.get(0));
          image = inside(image, x.dim(0));
          List<Axis> bound = new ArrayList<>();
          List<Elem> conditions = new ArrayList<>();
          List<Elem> points = new ArrayList<>();
          Elem count = real(x.dtype(), 1);
          for (int i = 0; i < 2; i++) {
            Bins bins = bins(op, at, i, shape.get(2 + i));
            Axis sample = fresh.axis(most(op, x.dim(2 + i)));
            bound.add(sample);
            Elem number = add(bins.first(), real(x.dtype(), sample.index()));
            conditions.add(less(number, bins.samples()));
            Elem within = div(add(number, real(x.dtype(), 0.5)), bins.samples());
            Elem point =
                add(bins.start(), mul(add(real(x.dtype(), at.get(2 + i)), within), bins.bin()));
            conditions.add(ge(point, real(x.dtype(), -1)));
            conditions.add(Formulas.le(point, real(x.dtype(), x.dim(2 + i))));
            points.add(clamp(point, real(x.dtype(), 0), real(x.dtype(), x.dim(2 + i).minus(1))));
            count = mul(count, bins.samples());
          }
          List<Elem> leading = List.of(image, Elements.whole(at.get(1)));
          Elem zero = real(x.dtype(), 0);
          if (average) {
            Elem sample = sample(x, leading, points, ScalarFn.ADD);
            Elem sum = reduce(Reducer.SUM, x.dtype(), bound, conditions, sample, zero);
            return div(sum, max(count, real(x.dtype(), 1)));
          }
          // Of weighted corners, not of interpolated samples; one outside counts as 0.
          Elem sample = sample(x, leading, points, ScalarFn.MAX);
          Elem least = Reducer.MAX.identity(x.dtype());
          Elem most = reduce(Reducer.MAX, x.dtype(), bound, conditions, sample, least);
          return select(eq(most, least), zero, most);
        },
        op.in(0),
        op.in(1),
        op.in(2));
  }

  private static Elem reduce(
      Reducer reducer,
      DType dtype,
      List<Axis> bound,
      List<Elem> conditions,
      Elem sample,
      Elem otherwise) {
    return new Elem.Reduce(
        reducer, dtype.compute(), bound, Elem.select(conditions, sample, otherwise));
  }

  /// The most samples along an axis: as the attribute says, else those that fit into the image,
  /// which lie at least half a place apart.
  private static Dim most(OpContext op, Dim size) {
    long ratio = op.integer("sampling_ratio", 0);
    return ratio > 0 ? Dim.of(ratio) : size.times(2).plus(6);
  }

  private static Bins bins(OpContext op, List<Dim> at, int axis, Dim places) {
    DType dtype = op.type(0).dtype();
    Elem scale = real(dtype, op.real("spatial_scale", 1));
    boolean halfPixel =
        op.version() >= 16
            && op.text("coordinate_transformation_mode", "half_pixel").equals("half_pixel");
    Elem shift = real(dtype, halfPixel ? 0.5 : 0);
    // A rectangle is x1, y1, x2, y2.
    Elem start = sub(mul(Elem.read(1, List.of(at.get(0), Dim.of(1 - axis))), scale), shift);
    Elem end = sub(mul(Elem.read(1, List.of(at.get(0), Dim.of(3 - axis))), scale), shift);
    Elem span = sub(end, start);
    if (!halfPixel) {
      span = max(span, real(dtype, 1));
    }
    Elem bin = div(span, real(dtype, places));
    long ratio = op.integer("sampling_ratio", 0);
    if (ratio > 0) {
      return new Bins(start, bin, real(dtype, Dim.of(ratio)), real(dtype, 0));
    }
    Elem samples = max(ceil(bin), real(dtype, 1));
    Elem distance = max(div(bin, samples), real(dtype, 1e-6));
    Elem before = sub(real(dtype, -2), add(start, mul(real(dtype, at.get(2 + axis)), bin)));
    Elem first = max(floor(div(before, distance)), real(dtype, 0));
    return new Bins(start, bin, samples, first);
  }

  /// The four places around a point, weighted and joined.
  private static Elem sample(TensorType x, List<Elem> leading, List<Elem> points, ScalarFn join) {
    Elem out = null;
    for (int corner = 0; corner < 4; corner++) {
      List<Elem> places = new ArrayList<>(leading);
      Elem weight = real(x.dtype(), 1);
      for (int i = 0; i < 2; i++) {
        boolean upper = (corner >> i & 1) == 1;
        Elem low = floor(points.get(i));
        Elem above = sub(points.get(i), low);
        Elem place = cast(DType.I64, upper ? add(low, real(x.dtype(), 1)) : low);
        places.add(inside(place, x.dim(2 + i)));
        weight = mul(weight, upper ? above : sub(real(x.dtype(), 1), above));
      }
      Elem part = mul(weight, Elements.read(0, places));
      out = out == null ? part : Elem.call(join, out, part);
    }
    return Objects.requireNonNull(out);
  }

  /// The largest element of each bin, whose borders are whole places.
  private static Value maxPool(OpContext op) {
    TensorType x = op.type(0);
    List<Long> pooled =
        op.integers("pooled_shape").orElseThrow(() -> op.fail("lacks a pooled_shape"));
    List<Dim> shape = new ArrayList<>(List.of(op.type(1).dim(0), x.dim(1)));
    pooled.forEach(size -> shape.add(Dim.of(size)));
    DType dtype = x.dtype();
    Elem scale = real(dtype, op.real("spatial_scale", 1));
    return op.each(
        shape,
        (at, fresh) -> {
          List<Axis> bound = new ArrayList<>();
          List<Elem> conditions = new ArrayList<>();
          Elem image = cast(DType.I64, Elem.read(1, List.of(at.get(0), Dim.ZERO)));
          List<Elem> places =
              new ArrayList<>(List.of(inside(image, x.dim(0)), Elements.whole(at.get(1))));
          for (int i = 0; i < 2; i++) {
            Elem start = corner(at, 2 - i, scale);
            Elem end = corner(at, 4 - i, scale);
            Elem size = max(add(sub(end, start), real(dtype, 1)), real(dtype, 1));
            Elem bin = div(size, real(dtype, shape.get(2 + i)));
            Axis place = fresh.axis(x.dim(2 + i));
            Elem here = real(dtype, place.index());
            Dim number = at.get(2 + i);
            bound.add(place);
            places.add(Elements.whole(place.index()));
            conditions.add(ge(here, add(start, floor(mul(real(dtype, number), bin)))));
            Elem next = ceil(mul(real(dtype, number.plus(1)), bin));
            conditions.add(less(here, add(start, next)));
          }
          Elem least = Reducer.MAX.identity(dtype);
          Elem most =
              reduce(Reducer.MAX, dtype, bound, conditions, Elements.read(0, places), least);
          return select(eq(most, least), real(dtype, 0), most);
        },
        op.in(0),
        op.in(1));
  }

  /// A coordinate of a rectangle, rounded to the nearest place, halves upwards.
  private static Elem corner(List<Dim> at, int number, Elem scale) {
    Elem read = mul(Elem.read(1, List.of(at.get(0), Dim.of(number))), scale);
    return floor(add(read, real(((Elem.Literal) scale).dtype(), 0.5)));
  }
}
