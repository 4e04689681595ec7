package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Whether computed tensors are as near to what a graph means as rounding allows.
public final class Closeness {
  /// By how much the bound that the interpreter carries is widened: it leaves out products of
  /// errors, and a target may round more often than once a node.
  private static final double MARGIN = 4;

  private final Graph graph;
  private final List<Interpreter.Bounded> expected;

  private Closeness(Graph graph, List<Interpreter.Bounded> expected) {
    this.graph = graph;
    this.expected = expected;
  }

  /// What outputs of `graph` for `inputs` have to be near to.
  public static Closeness of(Graph graph, List<Tensor> inputs) {
    return new Closeness(graph, Interpreter.bounds(graph, inputs));
  }

  /// Fails unless `actual` are outputs that `graph` may have for `inputs`.
  public static void check(Graph graph, List<Tensor> inputs, List<Tensor> actual) {
    Optional<String> fault = fault(graph, inputs, actual);
    assertThat(fault.orElse("")).as("%s on %s", graph.name(), inputs).isEmpty();
  }

  /// What is wrong with `actual` as outputs of `graph` for `inputs`, in words; empty if nothing.
  public static Optional<String> fault(Graph graph, List<Tensor> inputs, List<Tensor> actual) {
    return of(graph, inputs).fault(actual);
  }

  /// What is wrong with `actual` as these outputs, in words; empty if nothing.
  public Optional<String> fault(List<Tensor> actual) {
    for (int i = 0; i < expected.size(); i++) {
      DType dtype = graph.output(i).type().dtype();
      Optional<String> fault = fault(expected.get(i), dtype, actual.get(i));
      if (fault.isPresent()) {
        return Optional.of("output " + graph.outputs().get(i).name() + " " + fault.get());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> fault(Interpreter.Bounded expected, DType dtype, Tensor actual) {
    Tensor value = expected.value();
    if (actual.dtype() != dtype || !Arrays.equals(actual.shape(), value.shape())) {
      return Optional.of("is " + actual.type() + " instead of " + value.type());
    }
    for (long i = 0; i < value.size(); i++) {
      double want = value.getDouble(i);
      double error = expected.error().getDouble(i);
      if (!isClose(actual.getDouble(i), want, error, dtype)) {
        return Optional.of(
            "has %s at %d instead of %s, which it may miss by %s"
                .formatted(actual.getDouble(i), i, want, MARGIN * error));
      }
    }
    return Optional.empty();
  }

  /// Whether `actual` is `want` but for `error` and the widest and narrowest numbers of `dtype`.
  private static boolean isClose(double actual, double want, double error, DType dtype) {
    if (!dtype.isFloat()) {
      return actual == want || Math.abs(actual - want) <= error;
    }
    if (Double.isNaN(error) || Double.isInfinite(error)) {
      return true;
    }
    if (Double.isNaN(want)) {
      return Double.isNaN(actual);
    }
    double margin = MARGIN * error + smallest(dtype);
    if (Double.isInfinite(actual)) {
      // It overflowed, or all but did.
      return actual == want || actual == dtype.round(want + Math.copySign(margin, actual));
    }
    return Math.abs(actual - want) <= margin;
  }

  /// Below this, numbers of `dtype` have no relative precision, or a target flushes them to zero.
  private static double smallest(DType dtype) {
    return switch (dtype) {
      case F16 -> 0x1p-14;
      case F64 -> Double.MIN_NORMAL;
      default -> Float.MIN_NORMAL;
    };
  }

  /// How many numbers of `f32` lie from one to the other; the most there are, if one is NaN.
  public static long ulps(float a, float b) {
    return Float.isNaN(a) || Float.isNaN(b)
        ? 1L << 32
        : Math.abs(
            ordinal(Float.floatToIntBits(a), Integer.MIN_VALUE)
                - ordinal(Float.floatToIntBits(b), Integer.MIN_VALUE));
  }

  /// How many numbers of `f64` lie from one to the other; the most there are, if one is NaN.
  public static long ulps(double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Long.MAX_VALUE;
    }
    long distance =
        ordinal(Double.doubleToLongBits(a), Long.MIN_VALUE)
            - ordinal(Double.doubleToLongBits(b), Long.MIN_VALUE);
    return Math.abs(distance);
  }

  /// The place of a float among all, from its bits: both zeros have place 0.
  private static long ordinal(long bits, long sign) {
    return bits < 0 ? sign - bits : bits;
  }
}
