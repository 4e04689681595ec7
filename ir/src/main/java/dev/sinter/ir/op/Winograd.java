package dev.sinter.ir.op;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The three transforms of a fast convolution along one axis with a window of three places, `F(m,
/// 3)` of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015: `m` results
/// from `m + 2` products, where the definition has `3 * m`.
///
/// The products of transformed inputs and transformed filters are values of polynomials at the
/// points 0, 1, -1, 2, -2 and infinity; with more points the rounding errors grow beyond use.
///
/// @param outputs how many results a tile has: 2 or 4
/// @param input from a tile of the input to its transform, a row for each element of it
/// @param filter from the window to its transform
/// @param output from the products to the results of a tile
record Winograd(
    int outputs, List<List<Double>> input, List<List<Double>> filter, List<List<Double>> output) {
  /// The places of the window.
  static final int WINDOW = 3;

  private static final Winograd TWO =
      new Winograd(
          2,
          List.of(row(1, 0, -1, 0), row(0, 1, 1, 0), row(0, -1, 1, 0), row(0, 1, 0, -1)),
          List.of(row(1, 0, 0), row(0.5, 0.5, 0.5), row(0.5, -0.5, 0.5), row(0, 0, 1)),
          List.of(row(1, 1, 1, 0), row(0, 1, -1, -1)));

  private static final Winograd FOUR =
      new Winograd(
          4,
          List.of(
              row(4, 0, -5, 0, 1, 0),
              row(0, -4, -4, 1, 1, 0),
              row(0, 4, -4, -1, 1, 0),
              row(0, -2, -1, 2, 1, 0),
              row(0, 2, -1, -2, 1, 0),
              row(0, 4, 0, -5, 0, 1)),
          List.of(
              row(1 / 4.0, 0, 0),
              row(-1 / 6.0, -1 / 6.0, -1 / 6.0),
              row(-1 / 6.0, 1 / 6.0, -1 / 6.0),
              row(1 / 24.0, 1 / 12.0, 1 / 6.0),
              row(1 / 24.0, -1 / 12.0, 1 / 6.0),
              row(0, 0, 1)),
          List.of(
              row(1, 1, 1, 1, 1, 0),
              row(0, 1, -1, 2, -2, 0),
              row(0, 1, 1, 4, 4, 0),
              row(0, 1, -1, 8, -8, 1)));

  private static List<Double> row(double... factors) {
    return DoubleStream.of(factors).boxed().toList();
  }

  /// The transforms that `op` asks for.
  static Winograd of(Primitive op, int outputs) {
    return switch (outputs) {
      case 2 -> TWO;
      case 4 -> FOUR;
      default -> throw new OpException(op.mnemonic() + " makes 2 or 4 results, not " + outputs);
    };
  }

  /// The elements of a transform.
  int points() {
    return outputs + WINDOW - 1;
  }

  /// The only operand of a transform: floats, with an axis `axis`.
  static TensorType operand(Primitive op, List<TensorType> operands, int axis) {
    OpException.checkCount(op, operands, 1, 1);
    TensorType type = operands.getFirst();
    OpException.checkAxis(op, type, axis);
    if (!type.dtype().isFloat()) {
      throw new OpException(op.mnemonic() + " of " + type + ", which has no floats");
    }
    return type;
  }

  /// An element of the input's transform.
  ///
  /// @param point which
  /// @param tile where the operand has each element of the tile
  Elem transformed(DType dtype, Dim point, IntFunction<List<Dim>> tile) {
    List<Elem> elements = reads(points(), tile);
    return Turns.of(point, points(), p -> transformed(dtype, p, elements));
  }

  /// An element of the filter's transform.
  ///
  /// @param point which
  /// @param window where the operand has each element of the window
  Elem filtered(DType dtype, Dim point, IntFunction<List<Dim>> window) {
    List<Elem> elements = reads(WINDOW, window);
    return Turns.of(
        point, points(), p -> Objects.requireNonNull(sum(dtype, filter.get(p), elements)));
  }

  /// A result of a tile.
  ///
  /// @param place which
  /// @param products where the operand has the product at each point
  Elem result(DType dtype, Dim place, IntFunction<List<Dim>> products) {
    List<Elem> elements = reads(points(), products);
    return Turns.of(place, outputs, p -> result(dtype, p, elements));
  }

  private static List<Elem> reads(int count, IntFunction<List<Dim>> places) {
    return IntStream.range(0, count).mapToObj(places).map(at -> Elem.read(0, at)).toList();
  }

  /// The rows of two points of opposite sign differ in the sign of their odd places, so that both
  /// are made of the same two parts.
  private Elem transformed(DType dtype, int point, List<Elem> tile) {
    List<Double> row = input.get(point);
    double sign = 1;
    for (int i = 1; i < row.size(); i += 2) {
      sign = row.get(i) == 0 ? sign : Math.signum(row.get(i));
    }
    List<Double> even = new ArrayList<>();
    List<Double> odd = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      even.add(i % 2 == 0 ? row.get(i) : 0.0);
      odd.add(i % 2 == 0 ? 0.0 : sign * row.get(i));
    }
    Elem evens = sum(dtype, even, tile);
    Elem odds = sum(dtype, odd, tile);
    if (odds == null) {
      return Objects.requireNonNull(evens);
    }
    if (evens == null) {
      return sign > 0 ? odds : Elem.call(ScalarFn.NEG, odds);
    }
    return Elem.call(sign > 0 ? ScalarFn.ADD : ScalarFn.SUB, evens, odds);
  }

  /// Two points of opposite sign enter as their sum or their difference.
  private Elem result(DType dtype, int place, List<Elem> products) {
    List<Double> row = output.get(place);
    List<Double> factors = new ArrayList<>();
    List<Elem> terms = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      factors.add(row.get(i));
      if (i % 2 == 1 && i + 2 < row.size()) {
        ScalarFn join = row.get(i).equals(row.get(i + 1)) ? ScalarFn.ADD : ScalarFn.SUB;
        terms.add(Elem.call(join, products.get(i), products.get(i + 1)));
        i++;
      } else {
        terms.add(products.get(i));
      }
    }
    return Objects.requireNonNull(sum(dtype, factors, terms));
  }

  /// The terms times their factors, added up; null if all factors are 0.
  private static @Nullable Elem sum(DType dtype, List<Double> factors, List<Elem> terms) {
    int first = factors.lastIndexOf(1.0);
    Elem sum = first < 0 ? null : terms.get(first);
    for (int i = terms.size() - 1; i >= 0; i--) {
      double factor = factors.get(i);
      if (factor == 0 || i == first) {
        continue;
      }
      Elem term = terms.get(i);
      Elem number = Elem.literal(dtype, factor);
      if (sum == null) {
        sum = Elem.call(ScalarFn.MUL, number, term);
      } else if (Math.abs(factor) == 1) {
        sum = Elem.call(factor > 0 ? ScalarFn.ADD : ScalarFn.SUB, sum, term);
      } else {
        sum = Elem.call(ScalarFn.FMA, number, term, sum);
      }
    }
    return sum;
  }
}
