package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// How far each axis of a tensor is stretched: by factors or to sizes, which are known or read when
/// the model runs. Coordinates are reckoned in `f64`.
final class Scaling {
  private static final DType F64 = DType.F64;

  /// Denominators of factors such as 0.7, which a float does not hold exactly.
  private static final int MOST_PARTS = 64;

  private final OpContext op;
  private final TensorType x;
  private final List<Integer> axes;
  private final int factorInput;
  private final int sizeInput;
  private final int regionInput;
  private final Optional<List<Double>> factors;
  private final List<Value> operands = new ArrayList<>();
  private final List<Integer> slots = new ArrayList<>();
  private final List<Dim> shape;

  /// @param factorInput which input has factors, if any
  /// @param sizeInput which input has sizes, if any
  /// @param regionInput which input has the region that is cropped, if any
  Scaling(OpContext op, int factorInput, int sizeInput, int regionInput) {
    this.op = op;
    this.x = op.type(0);
    this.factorInput = filled(factorInput) ? factorInput : -1;
    this.sizeInput = filled(sizeInput) ? sizeInput : -1;
    this.regionInput = filled(regionInput) ? regionInput : -1;
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      all.add(i);
    }
    this.axes =
        op.integers("axes")
            .map(a -> a.stream().map(i -> op.axis(i, x.rank())).toList())
            .orElse(all);
    this.factors = knownFactors();
    for (int input : new int[] {this.factorInput, this.sizeInput, this.regionInput}) {
      if (input >= 0) {
        slots.add(input);
        operands.add(op.in(input));
      }
    }
    if (factors.isPresent() && factors.get().size() != axes.size()) {
      throw op.fail("has %d scales for %d axes".formatted(factors.get().size(), axes.size()));
    }
    this.shape = sizes();
  }

  private boolean filled(int input) {
    return input >= 0 && op.has(input) && !op.type(input).size().is(0);
  }

  private Optional<List<Double>> knownFactors() {
    Optional<List<Float>> attribute = op.reals("scales");
    if (attribute.isPresent()) {
      return attribute.map(a -> a.stream().map(Float::doubleValue).toList());
    }
    if (factorInput < 0) {
      return keptAspect();
    }
    return op.constant(factorInput).map(Scaling::doubles);
  }

  private static List<Double> doubles(Tensor tensor) {
    List<Double> out = new ArrayList<>();
    for (int i = 0; i < tensor.size(); i++) {
      out.add(tensor.getDouble(i));
    }
    return out;
  }

  private boolean keepsAspect() {
    return sizeInput >= 0 && !op.text("keep_aspect_ratio_policy", "stretch").equals("stretch");
  }

  private boolean notLarger() {
    return op.text("keep_aspect_ratio_policy", "stretch").equals("not_larger");
  }

  /// The one factor for all axes that keeps their ratios, where sizes are known.
  private Optional<List<Double>> keptAspect() {
    if (!keepsAspect() || op.constant(sizeInput).isEmpty()) {
      return Optional.empty();
    }
    double factor = notLarger() ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < axes.size(); i++) {
      if (!x.dim(axes.get(i)).isConstant()) {
        return Optional.empty();
      }
      double each =
          (double) op.constant(sizeInput).get().getLong(i) / x.dim(axes.get(i)).constant();
      factor = notLarger() ? Math.min(factor, each) : Math.max(factor, each);
    }
    return Optional.of(Collections.nCopies(axes.size(), factor));
  }

  private List<Dim> sizes() {
    List<Dim> sizes = new ArrayList<>(x.shape());
    Optional<List<Dim>> wanted =
        sizeInput >= 0 && !keepsAspect() ? op.operand(sizeInput).numbers() : Optional.empty();
    if (factors.isEmpty() && wanted.isEmpty()) {
      return Numbers.declared(op, 0);
    }
    for (int i = 0; i < axes.size(); i++) {
      Dim size = x.dim(axes.get(i));
      Dim scaled =
          wanted.isPresent()
              ? wanted.get().get(i)
              : keepsAspect()
                  ? Dim.of((long) Math.floor(factors.orElseThrow().get(i) * size.constant() + 0.5))
                  : scaled(size, factors.orElseThrow().get(i));
      sizes.set(axes.get(i), scaled);
    }
    return sizes;
  }

  /// A size times a factor, rounded down.
  private static Dim scaled(Dim size, double factor) {
    if (size.isConstant()) {
      return Dim.of((long) Math.floor((float) size.constant() * (float) factor));
    }
    for (int parts = 1; parts <= MOST_PARTS; parts++) {
      long whole = Math.round(factor * parts);
      if ((float) ((double) whole / parts) == (float) factor) {
        return size.times(whole).floorDiv(parts);
      }
    }
    long parts = 1L << 20;
    return size.times(Math.round(factor * parts)).floorDiv(parts);
  }

  /// The sizes of the result.
  List<Dim> shape() {
    return shape;
  }

  /// What [#point] reads.
  List<Value> operands() {
    return operands;
  }

  /// Whether an axis stays as it is.
  boolean keeps(int axis) {
    int number = axes.indexOf(axis);
    if (number < 0) {
      return true;
    }
    if (mode().equals("tf_crop_and_resize")) {
      return false;
    }
    if (factors.isPresent()) {
      return factors.get().get(number) == 1;
    }
    return sizeInput >= 0 && !keepsAspect() && shape.get(axis).equals(x.dim(axis));
  }

  /// Whether an axis gets smaller.
  boolean shrinks(int axis) {
    int number = axes.indexOf(axis);
    return factors.isPresent()
        ? factors.get().get(number) < 1
        : op.facts().atLeast(x.dim(axis).minus(1), shape.get(axis));
  }

  private String mode() {
    String otherwise = op.version() < 11 ? "asymmetric" : "half_pixel";
    return op.text("coordinate_transformation_mode", otherwise);
  }

  /// The factor of an axis.
  Elem factor(int axis) {
    int number = axes.indexOf(axis);
    if (factors.isPresent()) {
      return real(F64, factors.get().get(number));
    }
    if (factorInput >= 0) {
      return read(factorInput, number);
    }
    if (!keepsAspect()) {
      return div(real(F64, shape.get(axis)), real(F64, x.dim(axis)));
    }
    Elem factor = ratio(0);
    for (int i = 1; i < axes.size(); i++) {
      factor = notLarger() ? min(factor, ratio(i)) : max(factor, ratio(i));
    }
    return factor;
  }

  private Elem ratio(int number) {
    return div(read(sizeInput, number), real(F64, x.dim(axes.get(number))));
  }

  private Elem read(int input, int number) {
    return cast(F64, Elem.read(slots.indexOf(input), List.of(Dim.of(number))));
  }

  /// Where in the input place `at` of an axis of the result lies.
  Elem point(int axis, Dim at) {
    Elem place = real(F64, at);
    Dim size = x.dim(axis);
    Elem half = real(F64, 0.5);
    Elem width = mul(factor(axis), real(F64, size));
    Elem alone = eq(width, real(F64, 1));
    Elem last = real(F64, size.minus(1));
    Elem centered = sub(div(add(place, half), factor(axis)), half);
    return switch (mode()) {
      case "half_pixel" -> centered;
      case "pytorch_half_pixel" -> shape.get(axis).is(1) ? real(F64, 0) : centered;
      case "asymmetric" -> div(place, factor(axis));
      case "align_corners" ->
          select(alone, real(F64, 0), div(mul(place, last), sub(width, real(F64, 1))));
      case "half_pixel_symmetric" -> {
        Elem adjustment = div(real(F64, shape.get(axis)), width);
        Elem center = mul(real(F64, size), half);
        yield add(mul(center, sub(real(F64, 1), adjustment)), centered);
      }
      case "tf_crop_and_resize" -> {
        int number = axes.indexOf(axis);
        if (number < 0 || regionInput < 0) {
          throw op.fail("crops without a region");
        }
        Elem start = read(regionInput, number);
        Elem span = mul(sub(read(regionInput, axes.size() + number), start), last);
        Elem within =
            select(alone, mul(span, half), div(mul(place, span), sub(width, real(F64, 1))));
        yield add(mul(start, last), within);
      }
      default -> throw op.fail("has coordinate_transformation_mode " + mode());
    };
  }

  /// Whether what lies outside the input is a number of its own.
  boolean extrapolates() {
    return mode().equals("tf_crop_and_resize");
  }
}
