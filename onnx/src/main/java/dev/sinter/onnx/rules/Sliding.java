package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Pad;
import dev.sinter.onnx.OpContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How an operator's window slides over the spatial axes of its input, with the padding worked out.
///
/// @param spatial the sizes it slides over
/// @param kernel the window's sizes
/// @param strides how far it moves
/// @param dilations the distance of two places of the window
/// @param low places of padding before the input
/// @param high places of padding after the input
/// @param beyond further places after the padding, which the last window needs where the number of
///   windows is rounded up
record Sliding(
    List<Dim> spatial,
    List<Dim> kernel,
    List<Long> strides,
    List<Long> dilations,
    List<Dim> low,
    List<Dim> high,
    List<Dim> beyond) {

  /// What the attributes of `op` say.
  static Sliding of(OpContext op, List<Dim> spatial, List<Dim> kernel) {
    int rank = spatial.size();
    List<Long> strides = each(op, "strides", rank);
    List<Long> dilations = each(op, "dilations", rank);
    List<Dim> low = new ArrayList<>();
    List<Dim> high = new ArrayList<>();
    List<Dim> beyond = new ArrayList<>();
    List<Long> pads = op.integers("pads").orElse(Collections.nCopies(2 * rank, 0L));
    if (kernel.size() != rank || pads.size() != 2 * rank) {
      throw op.fail("has a window %s and pads %s over sizes %s".formatted(kernel, pads, spatial));
    }
    String auto = op.text("auto_pad", "NOTSET");
    for (int i = 0; i < rank; i++) {
      Dim size = spatial.get(i);
      Dim extent = extent(kernel.get(i), dilations.get(i));
      Dim stride = Dim.of(strides.get(i));
      switch (auto) {
        case "NOTSET", "" -> {
          low.add(Dim.of(pads.get(i)));
          high.add(Dim.of(pads.get(rank + i)));
        }
        case "VALID" -> {
          low.add(Dim.ZERO);
          high.add(Dim.ZERO);
        }
        case "SAME_UPPER", "SAME_LOWER" -> {
          Dim windows = size.ceilDiv(stride);
          Dim missing = windows.minus(1).times(stride).plus(extent).minus(size);
          Dim total = op.larger(missing, Dim.ZERO);
          Dim less = total.floorDiv(2);
          low.add(auto.equals("SAME_UPPER") ? less : total.minus(less));
          high.add(auto.equals("SAME_UPPER") ? total.minus(less) : less);
        }
        default -> throw op.fail("has auto_pad " + auto);
      }
      beyond.add(
          op.flag("ceil_mode", false)
              ? beyond(op, size, extent, stride, low.get(i), high.get(i))
              : Dim.ZERO);
    }
    return new Sliding(spatial, kernel, strides, dilations, low, high, beyond);
  }

  /// What is needed for as many windows as begin before the padding at the end.
  private static Dim beyond(OpContext op, Dim size, Dim extent, Dim stride, Dim low, Dim high) {
    Dim all = size.plus(low).plus(high);
    Dim windows =
        op.smaller(all.minus(extent).ceilDiv(stride).plus(1), size.plus(low).ceilDiv(stride));
    Dim end = windows.minus(1).times(stride).plus(extent);
    return op.larger(end.minus(all), Dim.ZERO);
  }

  /// An attribute with a number for each axis, 1 where it is left out.
  static List<Long> each(OpContext op, String name, int rank) {
    List<Long> numbers = op.integers(name).orElse(Collections.nCopies(rank, 1L));
    if (numbers.size() != rank || numbers.stream().anyMatch(n -> n < 1)) {
      throw op.fail("has %s %s for %d axes".formatted(name, numbers, rank));
    }
    return numbers;
  }

  /// How many places a window reaches over.
  static Dim extent(Dim kernel, long dilation) {
    return kernel.minus(1).times(dilation).plus(1);
  }

  /// The window of an operator over `x` that has its sizes as an attribute.
  static Sliding ofKernel(OpContext op, TensorType x) {
    int rank = x.rank();
    List<Dim> kernel =
        op.integers("kernel_shape").orElseThrow(() -> op.fail("lacks a kernel_shape")).stream()
            .map(Dim::of)
            .toList();
    if (rank < 3) {
      throw op.fail("slides over " + x);
    }
    return of(op, x.shape().subList(2, rank), kernel);
  }

  /// Whether the padding is known when the model is compiled, so that it may be an attribute.
  boolean isFixed() {
    return padding().stream().allMatch(Dim::isConstant);
  }

  private List<Dim> padding() {
    List<Dim> all = new ArrayList<>(low);
    all.addAll(high);
    all.addAll(beyond);
    return all;
  }

  /// The places before the input that are left to an op's attribute.
  List<Long> lowAttribute() {
    return low.stream().map(d -> isFixed() ? d.constant() : 0).toList();
  }

  /// The places after the input that are left to an op's attribute.
  List<Long> highAttribute() {
    List<Long> out = new ArrayList<>();
    for (int i = 0; i < high.size(); i++) {
      out.add(isFixed() ? high.get(i).plus(beyond.get(i)).constant() : 0);
    }
    return out;
  }

  /// The input with the padding that no attribute can give.
  Value padded(OpContext op, Value x, double value) {
    if (isFixed()) {
      return x;
    }
    int leading = x.type().rank() - low.size();
    List<Dim> before = new ArrayList<>(Collections.nCopies(leading, Dim.ZERO));
    List<Dim> after = new ArrayList<>(before);
    before.addAll(low);
    for (int i = 0; i < high.size(); i++) {
      after.add(high.get(i).plus(beyond.get(i)));
    }
    return op.add(new Pad(before, after, Collections.nCopies(x.type().rank(), 0L), value), x);
  }

  /// The window's sizes as numbers.
  List<Long> window() {
    return kernel.stream().map(Dim::constant).toList();
  }
}
