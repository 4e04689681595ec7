package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.clamp;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.floor;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
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
import java.util.Map;

/// Samples of images at points of a grid, and grids of points.
final class GridRules {
  private GridRules() {}

  static void addTo(OpRules rules) {
    rules.add("GridSample", op -> op.out(sampled(op)));
    rules.add("AffineGrid", op -> op.out(grid(op)));
  }

  private static Value sampled(OpContext op) {
    TensorType x = op.type(0);
    TensorType grid = op.type(1);
    int rank = x.rank() - 2;
    if (grid.rank() != x.rank() || !grid.dim(grid.rank() - 1).is(rank)) {
      throw op.fail("samples %s by a grid %s".formatted(x, grid));
    }
    Neighbours neighbours = neighbours(op);
    List<Dim> shape = new ArrayList<>(x.shape().subList(0, 2));
    shape.addAll(grid.shape().subList(1, 1 + rank));
    DType dtype = DType.F32;
    return op.each(
        shape,
        (at, fresh) -> {
          List<Axis> bound = new ArrayList<>();
          List<Elem> places = Elements.places(at.subList(0, 2));
          List<Elem> conditions = new ArrayList<>();
          Elem weight = real(dtype, 1);
          for (int i = 0; i < rank; i++) {
            Dim size = x.dim(2 + i);
            Elem point = point(op, grid, at, i, size);
            Axis neighbour = fresh.axis(Dim.of(neighbours.count()));
            bound.add(neighbour);
            Elem step = real(dtype, neighbour.index().minus(neighbours.before()));
            Elem place =
                neighbours.count() == 1
                    ? Elem.call(ScalarFn.ROUND, point)
                    : add(floor(point), step);
            Elem number = cast(DType.I64, place);
            if (padding(op).equals("zeros")) {
              conditions.addAll(Elements.isInside(number, size));
            }
            places.add(inside(outside(op, number, size), size));
            Elem distance = sub(place, point);
            weight =
                switch (neighbours.count()) {
                  case 1 -> weight;
                  case 2 -> mul(weight, Sampling.tent(dtype, distance));
                  default -> mul(weight, Sampling.cubic(dtype, distance, -0.75));
                };
          }
          Elem read =
              Elem.select(conditions, Elements.read(0, places), Elem.literal(x.dtype(), 0.0));
          if (neighbours.count() == 1) {
            return substituted(read, bound);
          }
          Elem summand = mul(weight, x.dtype() == dtype ? read : cast(dtype, read));
          Elem sum = new Elem.Reduce(Reducer.SUM, dtype, bound, summand);
          return x.dtype() == dtype ? sum : cast(x.dtype(), sum);
        },
        op.in(0),
        op.in(1));
  }

  /// A single neighbour needs no axis to sum over.
  private static Elem substituted(Elem elem, List<Axis> axes) {
    Elem out = elem;
    for (Axis axis : axes) {
      out = out.substitute(Map.of(axis.symbol(), Dim.ZERO));
    }
    return out;
  }

  /// How many neighbours along each axis a sample is made of.
  ///
  /// @param before how many of them come before the one at the point or just below it
  private record Neighbours(int count, int before) {}

  private static Neighbours neighbours(OpContext op) {
    return switch (op.text("mode", op.version() < 20 ? "bilinear" : "linear")) {
      case "nearest" -> new Neighbours(1, 0);
      case "linear", "bilinear" -> new Neighbours(2, 0);
      case "cubic", "bicubic" -> new Neighbours(4, 1);
      default -> throw op.fail("has mode " + op.text("mode", ""));
    };
  }

  private static String padding(OpContext op) {
    return op.text("padding_mode", "zeros");
  }

  /// The coordinate of a sample along spatial axis `axis`: the grid has the last axis first, from
  /// -1 to 1.
  private static Elem point(OpContext op, TensorType grid, List<Dim> at, int axis, Dim size) {
    int rank = grid.rank() - 2;
    List<Dim> place = new ArrayList<>(List.of(at.get(0)));
    place.addAll(at.subList(2, at.size()));
    place.add(Dim.of(rank - 1 - axis));
    DType dtype = DType.F32;
    Elem read = Elem.read(1, place);
    Elem position = add(grid.dtype() == dtype ? read : cast(dtype, read), real(dtype, 1));
    boolean corners = op.flag("align_corners", false);
    Elem half = real(dtype, 0.5);
    Elem point =
        corners
            ? mul(mul(position, half), real(dtype, size.minus(1)))
            : sub(mul(mul(position, half), real(dtype, size)), half);
    // A point of a reflected grid is moved itself, one of a border only where it is exact.
    return switch (padding(op)) {
      case "reflection" -> reflected(point, size, corners);
      case "border" ->
          neighbours(op).count() == 4
              ? point
              : clamp(point, real(dtype, 0), real(dtype, size.minus(1)));
      case "zeros" -> clamp(point, real(dtype, -9), add(real(dtype, size), real(dtype, 9)));
      default -> throw op.fail("has padding_mode " + padding(op));
    };
  }

  /// A point outside, mirrored at the borders as often as it takes.
  private static Elem reflected(Elem point, Dim size, boolean corners) {
    DType dtype = DType.F32;
    double low = corners ? 0 : -0.5;
    Elem span = real(dtype, corners ? size.minus(1) : size);
    Elem twice = mul(span, real(dtype, 2));
    if (corners && size.is(1)) {
      return real(dtype, 0);
    }
    Elem from = sub(point, real(dtype, low));
    Elem round = sub(from, mul(twice, floor(div(from, twice))));
    return add(min(round, sub(twice, round)), real(dtype, low));
  }

  /// Where a neighbour outside is taken from.
  private static Elem outside(OpContext op, Elem number, Dim size) {
    if (!padding(op).equals("reflection")) {
      return number;
    }
    boolean corners = op.flag("align_corners", false);
    // Mirrored at the middle of the outermost places, or at their outer edges.
    Elem period = whole(corners ? op.larger(size.minus(1).times(2), Dim.ONE) : size.times(2));
    Elem round = mod(number, period);
    return min(round, sub(corners ? period : sub(period, whole(1)), round));
  }

  /// The points of an image's places under an affine map, each axis from -1 to 1.
  private static Value grid(OpContext op) {
    TensorType theta = op.type(0);
    if (theta.rank() != 3 || !theta.dim(1).isConstant()) {
      throw op.fail("takes a map for each image, not " + theta);
    }
    int rank = (int) theta.dim(1).constant();
    List<Dim> shape = new ArrayList<>();
    if (op.operand(1).numbers().isPresent()) {
      List<Dim> size = op.operand(1).numbers().get();
      shape.add(size.get(0));
      shape.addAll(size.subList(2, size.size()));
      shape.add(Dim.of(rank));
    } else {
      shape.addAll(Numbers.declared(op, 0));
    }
    DType dtype = theta.dtype();
    boolean corners = op.flag("align_corners", false);
    return op.each(
        shape,
        at -> {
          Dim row = at.getLast();
          Elem sum = Elem.read(0, List.of(at.get(0), row, Dim.of(rank)));
          for (int i = 0; i < rank; i++) {
            Dim size = shape.get(1 + i);
            Dim place = at.get(1 + i).times(2);
            Elem position =
                corners
                    ? div(real(dtype, place), real(dtype, op.larger(size.minus(1), Dim.ONE)))
                    : div(real(dtype, place.plus(1)), real(dtype, size));
            Elem factor = Elem.read(0, List.of(at.get(0), row, Dim.of(rank - 1 - i)));
            sum = add(sum, mul(factor, sub(position, real(dtype, 1))));
          }
          return sum;
        },
        op.in(0));
  }
}
