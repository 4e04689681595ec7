package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.floorDiv;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.PoolArgmax;
import dev.sinter.ir.op.Reduce;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Pooling by windows that slide, and over whole images.
final class PoolRules {
  private PoolRules() {}

  static void addTo(OpRules rules) {
    rules.add("MaxPool", PoolRules::maxPool);
    rules.add("AveragePool", op -> op.out(average(op, op.in(0))));
    rules.add("LpPool", PoolRules::normPool);
    rules.add("MaxUnpool", PoolRules::maxUnpool);
    rules.add("GlobalMaxPool", op -> op.out(overImage(op, Reducer.MAX, op.in(0))));
    rules.add("GlobalAveragePool", op -> op.out(averageOfImage(op, op.in(0))));
    rules.add("GlobalLpPool", PoolRules::globalNorm);
  }

  private static Value pool(OpContext op, Sliding window, Reducer reducer, Value x) {
    double around = reducer.identity(x.type().dtype()).real();
    return op.add(
        new Pool(
            reducer,
            window.window(),
            window.strides(),
            window.lowAttribute(),
            window.highAttribute(),
            window.dilations()),
        window.padded(op, x, around));
  }

  /// The largest of each window over `x`.
  static Value max(OpContext op, Value x) {
    return pool(op, Sliding.ofKernel(op, x.type()), Reducer.MAX, x);
  }

  private static List<Operand> maxPool(OpContext op) {
    Sliding window = Sliding.ofKernel(op, op.type(0));
    Value y = pool(op, window, Reducer.MAX, op.in(0));
    if (!op.wants(1)) {
      return op.out(y);
    }
    double around = Reducer.MAX.identity(op.type(0).dtype()).real();
    Value within =
        op.add(
            new PoolArgmax(
                window.window(),
                window.strides(),
                window.lowAttribute(),
                window.highAttribute(),
                window.dilations()),
            window.padded(op, op.in(0), around),
            y);
    return op.out(y, places(op, window, within));
  }

  /// The numbers in the whole input of the places that the numbers within windows mean.
  private static Value places(OpContext op, Sliding window, Value within) {
    List<Dim> shape = op.type(0).shape();
    int rank = window.kernel().size();
    boolean columnMajor = op.flag("storage_order", false);
    return op.each(
        within.type().shape(),
        at -> {
          Elem k = cast(DType.I64, Elem.read(0, at));
          List<Elem> places = new ArrayList<>();
          for (int i = rank - 1; i >= 0; i--) {
            Elem size = whole(window.kernel().get(i));
            Elem step = i == 0 ? k : mod(k, size);
            k = floorDiv(k, size);
            Dim first = at.get(2 + i).times(window.strides().get(i)).minus(window.low().get(i));
            places.addFirst(add(whole(first), mul(step, whole(window.dilations().get(i)))));
          }
          Elem number = whole(at.get(0).times(shape.get(1)).plus(at.get(1)));
          number = mul(number, whole(Dim.product(shape.subList(2, shape.size()))));
          Dim stride = Dim.ONE;
          for (int i = 0; i < rank; i++) {
            int axis = columnMajor ? i : rank - 1 - i;
            number = add(number, mul(places.get(axis), whole(stride)));
            stride = stride.times(shape.get(2 + axis));
          }
          return number;
        },
        within);
  }

  /// The means of `x`, which is the operator's input or computed from it.
  static Value average(OpContext op, Value x) {
    Sliding window = Sliding.ofKernel(op, x.type());
    DType dtype = x.type().dtype();
    Value sum = pool(op, window, Reducer.SUM, x);
    boolean withPadding = op.flag("count_include_pad", false);
    return op.each(
        sum.type().shape(),
        at -> {
          Elem count = real(dtype, 1);
          for (int i = 0; i < window.kernel().size(); i++) {
            Dim counted = counted(window, i, at.get(2 + i), withPadding);
            count = i == 0 ? real(dtype, counted) : mul(count, real(dtype, counted));
          }
          return div(Elem.read(0, at), count);
        },
        sum);
  }

  /// How many places of window `p` along an axis count.
  private static Dim counted(Sliding window, int axis, Dim p, boolean withPadding) {
    Dim low = window.low().get(axis);
    Dim high = window.high().get(axis);
    Dim kernel = window.kernel().get(axis);
    boolean all = window.beyond().get(axis).is(0) && (withPadding || (low.is(0) && high.is(0)));
    if (all) {
      return kernel;
    }
    Dim dilation = Dim.of(window.dilations().get(axis));
    Dim first = p.times(window.strides().get(axis)).minus(low);
    Dim size = window.spatial().get(axis);
    Dim end = withPadding ? size.plus(high) : size;
    Dim from = withPadding ? Dim.ZERO : first.times(-1).ceilDiv(dilation).max(Dim.ZERO);
    Dim to = end.minus(first).ceilDiv(dilation).min(kernel);
    return to.minus(from).max(Dim.ONE);
  }

  private static List<Operand> normPool(OpContext op) {
    return op.out(
        root(op, pool(op, Sliding.ofKernel(op, op.type(0)), Reducer.SUM, power(op, op.in(0)))));
  }

  private static double exponent(OpContext op) {
    return op.version() < 2 ? op.real("p", 2) : op.integer("p", 2);
  }

  private static Value power(OpContext op, Value x) {
    double p = exponent(op);
    if (p == 2) {
      return op.add(Pointwise.MUL, x, x);
    }
    Value size = op.add(Pointwise.ABS, x);
    return p == 1 ? size : op.add(Pointwise.POW, size, op.builder().fill(x.type(), p));
  }

  private static Value root(OpContext op, Value sum) {
    double p = exponent(op);
    if (p == 2) {
      return op.add(Pointwise.SQRT, sum);
    }
    return p == 1 ? sum : op.add(Pointwise.POW, sum, op.builder().fill(sum.type(), 1 / p));
  }

  private static Value overImage(OpContext op, Reducer reducer, Value x) {
    int rank = x.type().rank();
    List<Integer> axes = IntStream.range(2, rank).boxed().toList();
    List<Dim> shape = new ArrayList<>(x.type().shape().subList(0, 2));
    shape.addAll(Collections.nCopies(rank - 2, Dim.ONE));
    return op.reshape(Reduce.of(op.builder(), reducer, axes, x), shape);
  }

  /// The mean of all places for each channel.
  static Value averageOfImage(OpContext op, Value x) {
    Dim count = Dim.product(x.type().shape().subList(2, x.type().rank()));
    Value sum = overImage(op, Reducer.SUM, x);
    return op.add(Pointwise.DIV, sum, op.builder().fill(sum.type(), count));
  }

  private static List<Operand> globalNorm(OpContext op) {
    return op.out(root(op, overImage(op, Reducer.SUM, power(op, op.in(0)))));
  }

  /// The elements in the places that they had before a pooling, among zeros.
  private static List<Operand> maxUnpool(OpContext op) {
    TensorType x = op.type(0);
    Sliding window = Sliding.ofKernel(op, op.type(0));
    List<Dim> shape = new ArrayList<>(x.shape().subList(0, 2));
    for (int i = 0; i < window.kernel().size(); i++) {
      shape.add(
          x.dim(2 + i)
              .minus(1)
              .times(window.strides().get(i))
              .plus(window.kernel().get(i))
              .minus(window.low().get(i))
              .minus(window.high().get(i)));
    }
    Value zeros = op.fill(x.dtype(), 0, List.of(Dim.product(shape)));
    DType dtype = op.type(1).dtype();
    Value flat =
        ScatterRules.scattered(
            op,
            zeros,
            op.in(1),
            op.in(0),
            "none",
            at -> List.of(Elements.integer(dtype, 0, at.toArray(Dim[]::new))));
    Value image = op.reshape(flat, shape);
    Optional<List<Dim>> wanted = op.has(2) ? Optional.of(Numbers.sizes(op, 2)) : Optional.empty();
    List<Dim> none = Collections.nCopies(shape.size(), Dim.ZERO);
    return op.out(ConvRules.fitted(op, image, none, wanted.orElse(shape)));
  }
}
