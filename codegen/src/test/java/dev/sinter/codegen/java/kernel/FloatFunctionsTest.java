package dev.sinter.codegen.java.kernel;

import static dev.sinter.runtime.DType.F32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.TileBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FloatFunctionsTest {
  /// Results of exp below are zero.
  private static final float LEAST_EXP = 0x1.6ap-126f;

  @ParameterizedTest
  @CsvSource({
    "EXP,1.5", "LOG,2", "LOG1P,4", "EXPM1,3", "TANH,6", "ERF,8", "SIGN,0", "FLOOR,0", "CEIL,0",
    "ROUND,0", "TRUNC,0"
  })
  void isCloseAndHasTheSameBitsAtEveryWidth(ScalarFn fn, double ulps) {
    TileBuilder t = new TileBuilder("map");
    Dim n = Dim.symbol("N");
    int x = t.buffer("x", F32, n);
    int y = t.buffer("y", F32, n);
    Dim i = t.axis(n);
    t.store(y, t.apply(fn, t.load(x, i)), i);
    TileKernel kernel = t.build();
    float[] in = inputs();
    DoubleUnaryOperator exact = ScalarMath.unary(fn);
    float[] scalar = run(kernel, CpuTier.SCALAR, 32, in);
    for (int k = 0; k < in.length; k++) {
      float want = (float) exact.applyAsDouble(in[k]);
      if (Float.isNaN(want)) {
        assertThat(scalar[k]).as("%s(%s)", fn, in[k]).isNaN();
      } else if (fn == ScalarFn.EXP && want < LEAST_EXP) {
        assertThat(scalar[k]).as("%s(%s)", fn, in[k]).isZero();
      } else if (Float.isInfinite(want) || want == 0) {
        assertThat(scalar[k]).as("%s(%s)", fn, in[k]).isEqualTo(want);
      } else {
        double error = Math.abs(scalar[k] - exact.applyAsDouble(in[k])) / Math.ulp(want);
        assertThat(error)
            .as("%s(%s) = %s, not %s", fn, in[k], scalar[k], want)
            .isLessThanOrEqualTo(ulps);
      }
    }
    for (int bits : new int[] {128, 256, 512}) {
      float[] vector = run(kernel, CpuTier.REGISTERS_16, bits, in);
      for (int k = 0; k < in.length; k++) {
        assertThat(Float.floatToIntBits(vector[k]))
            .as("%s(%s) at %s bits", fn, in[k], bits)
            .isEqualTo(Float.floatToIntBits(scalar[k]));
      }
    }
  }

  /// Special values, and some of every exponent.
  private static float[] inputs() {
    List<Float> all =
        new ArrayList<>(
            List.of(
                0f,
                -0f,
                1f,
                -1f,
                0.5f,
                -0.5f,
                1.5f,
                2.5f,
                88.7f,
                88.8f,
                -86.9f,
                -87f,
                -87.4f,
                -103.9f,
                -110f,
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY,
                Float.MAX_VALUE,
                Float.MIN_VALUE,
                8388607.5f,
                8388609f,
                -8388609f));
    Random random = new Random(1);
    for (int exponent = 0; exponent < 255; exponent++) {
      for (int k = 0; k < 4; k++) {
        int sign = random.nextInt() & 0x80000000;
        all.add(Float.intBitsToFloat(sign | exponent << 23 | random.nextInt(1 << 23)));
      }
    }
    // Where the results of exp become too large.
    for (int k = 0; k < 400; k++) {
      all.add(88 + k / 200f);
    }
    for (int k = 0; k < 3000; k++) {
      all.add((random.nextFloat() - 0.5f) * 40);
    }
    float[] out = new float[all.size()];
    for (int k = 0; k < out.length; k++) {
      out[k] = all.get(k);
    }
    return out;
  }

  private static float[] run(TileKernel kernel, CpuTier tier, int bits, float[] in) {
    Tensor x = Tensor.of(in, in.length);
    Tensor y = Tensor.zeros(F32, in.length);
    CompiledKernel.of(Schedules.lower(kernel, tier), tier, bits)
        .run(List.of(x, y), Map.of("N", (long) in.length), 1);
    return y.toFloatArray();
  }
}
