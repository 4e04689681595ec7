package dev.sinter.compiler.conformance;

import dev.sinter.runtime.Tensor;
import java.util.Arrays;
import java.util.Optional;

/// How near an output has to be: `|got - want| <= absolute + relative * |want|`, NaN equal to NaN.
/// Source: the runner of ONNX's backend tests.
public record Tolerance(double relative, double absolute) {
  /// That of ONNX's runner.
  public static final Tolerance DEFAULT = new Tolerance(1e-3, 1e-7);

  /// How far an output is from what it should be.
  ///
  /// @param absolute the largest difference
  /// @param relative the largest difference by the size of what it should be
  /// @param fault what is wrong, unless it is near enough
  public record Distance(double absolute, double relative, Optional<String> fault) {
    /// The larger of both, and the first fault.
    public Distance and(Distance other) {
      return new Distance(
          Math.max(absolute, other.absolute),
          Math.max(relative, other.relative),
          fault.or(() -> other.fault));
    }
  }

  /// Compares.
  public Distance compare(String name, Tensor got, Tensor want) {
    if (got.dtype() != want.dtype() || !Arrays.equals(got.shape(), want.shape())) {
      return new Distance(
          Double.NaN,
          Double.NaN,
          Optional.of("%s is %s, not %s".formatted(name, got.type(), want.type())));
    }
    double largest = 0;
    double worst = 0;
    Optional<String> fault = Optional.empty();
    for (long i = 0; i < want.size(); i++) {
      if (!want.dtype().isFloat() && got.getLong(i) == want.getLong(i)) {
        continue;
      }
      double a = got.getDouble(i);
      double b = want.getDouble(i);
      if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
        continue;
      }
      double difference = Math.abs(a - b);
      boolean near = difference <= absolute + relative * Math.abs(b);
      if (!near && fault.isEmpty()) {
        fault = Optional.of("%s[%d] is %s, not %s".formatted(name, i, a, b));
      }
      largest = Math.max(largest, difference);
      worst = Math.max(worst, difference / Math.abs(b));
    }
    return new Distance(largest, worst, fault);
  }
}
