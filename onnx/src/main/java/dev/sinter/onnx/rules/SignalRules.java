package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.div;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.exp;
import static dev.sinter.onnx.rules.Formulas.floor;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Signals: windows, filters of frequencies, and transforms, which [Fourier] has.
final class SignalRules {
  private SignalRules() {}

  static void addTo(OpRules rules) {
    rules.add("DFT", op -> op.out(transform(op)));
    rules.add("STFT", op -> op.out(shortTime(op)));
    rules.add("HannWindow", op -> op.out(window(op, 0.5, 0.5, 0)));
    rules.add("HammingWindow", op -> op.out(window(op, 25.0 / 46, 21.0 / 46, 0)));
    rules.add("BlackmanWindow", op -> op.out(window(op, 0.42, 0.5, 0.08)));
    rules.add("MelWeightMatrix", op -> op.out(mel(op)));
  }

  /// The axis is an attribute before version 20 and an input since.
  private static Value transform(OpContext op) {
    Value x = op.in(0);
    int rank = x.type().rank();
    long given =
        op.version() < 20
            ? op.integer("axis", 1)
            : op.has(2) ? op.constants(op.numbers(2)).getFirst() : -2;
    int axis = op.axis(given, rank);
    if (rank < 2 || axis == rank - 1) {
      throw op.fail("transforms axis %d of %s".formatted(given, x.type()));
    }
    boolean inverse = op.flag("inverse", false);
    boolean half = op.flag("onesided", false);
    Dim size = x.type().dim(axis);
    Dim otherwise = inverse && half ? size.minus(1).times(2) : size;
    Dim length = op.has(1) ? length(op, axis, inverse || !half) : otherwise;
    return new Fourier(op, length, inverse, half).of(x, axis);
  }

  private static Dim length(OpContext op, int axis, boolean isDeclared) {
    Optional<List<Dim>> known = op.operand(1).numbers();
    if (known.isEmpty() && !isDeclared) {
      throw op.fail("needs its dft_length when it is compiled");
    }
    return known.isPresent() ? known.get().getFirst() : Numbers.declared(op, 0).get(axis);
  }

  /// Frames of a signal, each times a window, transformed.
  private static Value shortTime(OpContext op) {
    Value signal = op.in(0);
    TensorType type = signal.type();
    if (type.rank() == 2) {
      signal = op.reshape(signal, List.of(type.dim(0), type.dim(1), Dim.ONE));
    } else if (type.rank() != 3) {
      throw op.fail("takes a signal [batch, places, 1 or 2], not " + type);
    }
    Dim length;
    if (op.has(3)) {
      length = op.numbers(3).getFirst();
    } else if (op.has(2)) {
      length = op.type(2).dim(0);
    } else {
      throw op.fail("has neither a window nor a frame_length");
    }
    Dim step = op.numbers(1).getFirst();
    Dim frames = type.dim(1).minus(length).floorDiv(step).plus(1);
    List<Value> operands = new ArrayList<>(List.of(signal));
    if (op.has(2)) {
      operands.add(op.sized(op.in(2), List.of(length)));
    }
    Value framed =
        op.each(
            List.of(type.dim(0), frames, length, signal.type().dim(2)),
            at -> {
              Dim place = at.get(1).times(step).plus(at.get(2));
              Elem read = Elem.read(0, List.of(at.get(0), place, at.get(3)));
              return op.has(2) ? mul(read, Elem.read(1, List.of(at.get(2)))) : read;
            },
            operands.toArray(Value[]::new));
    boolean half = op.flag("onesided", true);
    return new Fourier(op, length, false, half).of(framed, 2);
  }

  private static DType output(OpContext op) {
    int number = (int) op.integer("output_datatype", 1);
    return OnnxTypes.of(number).orElseThrow(() -> op.fail("gives " + OnnxTypes.name(number)));
  }

  /// `a - b cos(2 pi n / N) + c cos(4 pi n / N)`, where `N` is the size of a window that is
  /// periodic and one less of one that is symmetric.
  private static Value window(OpContext op, double a, double b, double c) {
    List<Dim> shape =
        op.operand(0)
            .numbers()
            .map(n -> List.of(n.getFirst()))
            .orElseGet(() -> Numbers.declared(op, 0));
    Dim period = op.flag("periodic", true) ? shape.getFirst() : shape.getFirst().minus(1);
    DType wide = DType.F64;
    Value window =
        op.each(
            shape,
            at -> {
              Elem turn = div(real(wide, at.getFirst()), real(wide, period));
              Elem angle = mul(turn, real(wide, 2 * Math.PI));
              Elem first = mul(real(wide, -b), Elem.call(ScalarFn.COS, angle));
              Elem second = mul(real(wide, c), Elem.call(ScalarFn.COS, mul(angle, real(wide, 2))));
              return add(add(real(wide, a), first), second);
            });
    return op.cast(window, output(op));
  }

  /// Triangles over the places of a spectrum, whose corners lie evenly on the mel scale.
  private static Value mel(OpContext op) {
    Optional<List<Dim>> bins = op.operand(0).numbers();
    Optional<List<Dim>> length = op.operand(1).numbers();
    List<Dim> shape =
        bins.isPresent() && length.isPresent()
            ? List.of(length.get().getFirst().floorDiv(2).plus(1), bins.get().getFirst())
            : Numbers.declared(op, 0);
    List<Value> operands = new ArrayList<>();
    IntStream.range(0, 5).forEach(i -> operands.add(op.in(i)));
    Value weights =
        op.each(
            shape,
            at -> {
              Elem place = real(DType.F64, at.get(0));
              Elem left = corner(op, at.get(1));
              Elem top = corner(op, at.get(1).plus(1));
              Elem right = corner(op, at.get(1).plus(2));
              Elem falling = div(sub(right, place), sub(right, top));
              Elem rising =
                  select(eq(left, top), real(DType.F64, 1), div(sub(place, left), sub(top, left)));
              Elem zero = real(DType.F64, 0);
              Elem rises = Formulas.and(Formulas.ge(place, left), Formulas.le(place, top));
              Elem falls = Formulas.and(Formulas.ge(place, top), less(place, right));
              return select(falls, falling, select(rises, rising, zero));
            },
            operands.toArray(Value[]::new));
    return op.cast(weights, output(op));
  }

  /// The place of a spectrum where corner `number` lies.
  private static Elem corner(OpContext op, Dim number) {
    DType wide = DType.F64;
    Elem low = mel(number(op, 3));
    Elem step = div(sub(mel(number(op, 4)), low), add(number(op, 0), real(wide, 2)));
    Elem mel = add(mul(real(wide, number), step), low);
    Elem power = exp(mul(mel, real(wide, Math.log(10) / 2595)));
    Elem hertz = mul(real(wide, 700), sub(power, real(wide, 1)));
    return floor(div(mul(add(number(op, 1), real(wide, 1)), hertz), number(op, 2)));
  }

  private static Elem mel(Elem hertz) {
    Elem ratio = add(real(DType.F64, 1), div(hertz, real(DType.F64, 700)));
    return mul(real(DType.F64, 2595 / Math.log(10)), Elem.call(ScalarFn.LOG, ratio));
  }

  private static Elem number(OpContext op, int input) {
    List<Dim> at = Collections.nCopies(op.type(input).rank(), Dim.ZERO);
    Elem read = Elem.read(input, at);
    return op.type(input).dtype() == DType.F64 ? read : cast(DType.F64, read);
  }
}
