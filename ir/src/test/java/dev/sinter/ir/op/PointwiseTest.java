package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarMath;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every row of the table of element-wise ops against Java's own functions.
class PointwiseTest {
  private static final double[] SPECIAL = {
    0.0, 1, -1, 0.5, -0.5, 20, -20, 800, -800, 1e200, -1e200, 1 / 0.0, -1 / 0.0, 0.0 / 0.0
  };

  /// What the row is, of floats, or of numbers and bools as doubles.
  private static double reference(Pointwise row, double... x) {
    double a = x[0];
    double b = x.length > 1 ? x[1] : 0;
    return switch (row) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case REM -> a - b * Math.floor(a / b);
      case POW -> Math.pow(a, b);
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case ATAN2 -> Math.atan2(a, b);
      case FMA -> Math.fma(a, b, x[2]);
      case NEG -> -a;
      case ABS -> Math.abs(a);
      case SIGN -> Math.signum(a);
      case FLOOR -> Math.floor(a);
      case CEIL -> Math.ceil(a);
      case ROUND -> Math.rint(a);
      case TRUNC -> a < 0 ? Math.ceil(a) : Math.floor(a);
      case SQRT -> Math.sqrt(a);
      case EXP -> Math.exp(a);
      case EXPM1 -> Math.expm1(a);
      case LOG -> Math.log(a);
      case LOG1P -> Math.log1p(a);
      case SIN -> Math.sin(a);
      case COS -> Math.cos(a);
      case TAN -> Math.tan(a);
      case ASIN -> Math.asin(a);
      case ACOS -> Math.acos(a);
      case ATAN -> Math.atan(a);
      case TANH -> Math.tanh(a);
      case ERF -> erf(a);
      case EQ -> a == b ? 1 : 0;
      case NE -> a != b ? 1 : 0;
      case LT -> a < b ? 1 : 0;
      case LE -> a <= b ? 1 : 0;
      case GT -> a > b ? 1 : 0;
      case GE -> a >= b ? 1 : 0;
      case IS_NAN -> Double.isNaN(a) ? 1 : 0;
      case AND -> a * b;
      case OR -> Math.max(a, b);
      case XOR -> a != b ? 1 : 0;
      case NOT -> 1 - a;
      case SHL -> (long) a << (long) b;
      case SHR -> (long) a >> (long) b;
      case SELECT -> a != 0 ? b : x[2];
      case THREEFRY ->
          ScalarMath.threefry((int) (long) a, (int) (long) b, (int) (long) x[2], (int) (long) x[3])
              >>> 32;
      case RSQRT -> 1 / Math.sqrt(a);
      case RELU -> Math.max(a, 0);
      case SIGMOID -> sigmoid(a);
      case SOFTPLUS -> Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)));
      case SILU -> a == Double.NEGATIVE_INFINITY ? 0 : a * sigmoid(a);
      case GELU -> a == Double.NEGATIVE_INFINITY ? 0 : a * normal(a);
      case GELU_TANH ->
          a == Double.NEGATIVE_INFINITY
              ? 0
              : a * 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (a + 0.044715 * a * a * a)));
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// By Simpson's rule.
  private static double erf(double x) {
    if (Double.isNaN(x) || Math.abs(x) > 6) {
      return Math.signum(x);
    }
    int steps = 2000;
    double h = x / steps;
    double sum = 1 + Math.exp(-x * x);
    for (int i = 1; i < steps; i++) {
      sum += (i % 2 == 0 ? 2 : 4) * Math.exp(-(i * h) * (i * h));
    }
    return 2 / Math.sqrt(Math.PI) * sum * h / 3;
  }

  private static double normal(double x) {
    return 0.5 * (1 + erf(x * Math.sqrt(0.5)));
  }

  /// The slope of a saturating row, also where its formula would overflow.
  private static double slope(Pointwise row, double x) {
    double s = sigmoid(x);
    double z = Math.clamp(x, -1000, 1000);
    double density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    return switch (row) {
      case TANH -> 1 / Math.pow(Math.cosh(z), 2);
      case SIGMOID -> s * (1 - s);
      case SOFTPLUS -> s;
      case LOG1P -> 1 / (1 + x);
      case EXPM1 -> Math.exp(x);
      case ERF -> 2 / Math.sqrt(Math.PI) * Math.exp(-z * z);
      case RELU -> x > 0 ? 1 : 0;
      case SILU -> s + z * s * (1 - s);
      case GELU -> normal(x) + z * density;
      case GELU_TANH -> {
        double c = Math.sqrt(2 / Math.PI);
        double tanh = Math.tanh(c * (z + 0.044715 * z * z * z));
        yield 0.5 * (1 + tanh) + 0.5 * z * (1 - tanh * tanh) * c * (1 + 3 * 0.044715 * z * z);
      }
      default -> throw new IllegalArgumentException(row + " does not saturate");
    };
  }

  private static Tensor input(Pointwise row, int operand) {
    int seed = 70 + operand;
    return switch (row) {
      case AND, OR, XOR, NOT -> Tensor.of(DType.BOOL, bools(operand), 6);
      case SHL, SHR ->
          Tensor.of(
              DType.I32,
              operand == 0
                  ? new double[] {1, -5, 77, 1 << 20, 0, -1}
                  : new double[] {0, 1, 2, 3, 4, 5},
              6);
      case THREEFRY -> Tensor.of(DType.U32, new double[] {0, 1, 2, 3, 4e9, 7e8 + operand}, 6);
      case SELECT -> operand == 0 ? Tensor.of(DType.BOOL, bools(operand), 6) : Nd.random(seed, 6);
      case REM ->
          Tensor.of(
              DType.F64,
              operand == 0
                  ? new double[] {0.5, 1.3, 2.6, -0.4, 3.7, -1.6}
                  : new double[] {1, 1, 0.9, 1.1, -1, 1},
              6);
      case DIV, POW, SQRT, LOG, RSQRT -> Nd.positive(seed, 6);
      case ASIN, ACOS -> scaled(Nd.positive(seed, 6), 0.5);
      default -> Nd.random(seed, 6);
    };
  }

  private static double[] bools(int operand) {
    return operand == 0 ? new double[] {0, 0, 1, 1, 0, 1} : new double[] {0, 1, 0, 1, 1, 1};
  }

  private static Tensor scaled(Tensor x, double by) {
    return Tensor.of(DType.F64, Nd.of(x.shape(), at -> by * Nd.get(x, at)), x.shape());
  }

  private static OpCase drawn(Pointwise row) {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < row.arity(); i++) {
      inputs.add(input(row, i));
    }
    double[] expected =
        Nd.of(
            new long[] {6},
            at -> reference(row, inputs.stream().mapToDouble(x -> x.getDouble(at[0])).toArray()));
    return OpCase.of(row, expected, inputs.toArray(new Tensor[0]));
  }

  @ParameterizedTest
  @EnumSource(Pointwise.class)
  void computesWhatJavaDoes(Pointwise row) {
    OpCase c = drawn(row);
    assertThat(Gradients.run(c.region(), c.inputs()).getFirst().toDoubleArray())
        .containsExactly(c.elements(), within(1e-12));
  }

  @ParameterizedTest
  @EnumSource(Pointwise.class)
  void hasTheDerivativeThatDifferencesShow(Pointwise row) {
    OpCase c = drawn(row);
    if (c.region().results().getFirst().type().dtype().isFloat()) {
      Region scalar = Gradients.weighted(c.region());
      Gradients.check(scalar, c.inputs());
      Gradients.check(Gradients.weighted(Gradients.gradient(scalar)), c.inputs());
    }
  }

  static Stream<Pointwise> unary() {
    return Stream.of(Pointwise.values()).filter(row -> row.arity() == 1 && row != Pointwise.NOT);
  }

  @ParameterizedTest
  @MethodSource("unary")
  void keepsItsMeaningAtTheEdges(Pointwise row) {
    Tensor x = Tensor.of(DType.F64, SPECIAL, SPECIAL.length);
    OpCase c = OpCase.of(row, SPECIAL, x);
    double[] y = Gradients.run(c.region(), c.inputs()).getFirst().toDoubleArray();
    for (int i = 0; i < y.length; i++) {
      double expected = reference(row, SPECIAL[i]);
      if (Double.isFinite(expected)) {
        assertThat(y[i])
            .as("%s(%s)", row, SPECIAL[i])
            .isCloseTo(expected, within(tolerance(expected)));
      } else {
        assertThat(y[i]).as("%s(%s)", row, SPECIAL[i]).isEqualTo(Double.valueOf(expected));
      }
    }
  }

  private static double tolerance(double expected) {
    return 1e-9 * Math.max(1, Math.abs(expected));
  }

  @ParameterizedTest
  @EnumSource(
      value = Pointwise.class,
      names = {
        "TANH",
        "SIGMOID",
        "SOFTPLUS",
        "LOG1P",
        "EXPM1",
        "ERF",
        "RELU",
        "SILU",
        "GELU",
        "GELU_TANH"
      })
  void hasAFiniteSlopeWhereTheTrueOneIs(Pointwise row) {
    Tensor x = Tensor.of(DType.F64, SPECIAL, SPECIAL.length);
    OpCase c = OpCase.of(row, SPECIAL, x);
    Region scalar = Gradients.weighted(c.region());
    double[] slopes =
        Gradients.run(Gradients.gradient(scalar), List.of(x)).getFirst().toDoubleArray();
    double[] weights = Gradients.weights(SPECIAL.length);
    for (int i = 0; i < SPECIAL.length - 1; i++) {
      double expected = slope(row, SPECIAL[i]);
      if (Double.isFinite(expected) && !(row == Pointwise.LOG1P && SPECIAL[i] <= -1)) {
        assertThat(slopes[i] / weights[i])
            .as("slope of %s at %s", row, SPECIAL[i])
            .isCloseTo(expected, within(tolerance(expected)));
      }
    }
  }
}
