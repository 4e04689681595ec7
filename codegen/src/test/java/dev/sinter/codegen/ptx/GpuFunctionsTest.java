package dev.sinter.codegen.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.interpreter.ThreadEvaluator;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.passes.gpu.GpuLowering;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Tier;
import dev.sinter.testkit.TileBuilder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The functions that a GPU computes in steps, against those in double precision.
class GpuFunctionsTest {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    1f,
    -1f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    0.5f,
    -0.5f,
    10f,
    -10f,
    88.72283f,
    88.8f,
    -87.4f,
    -103.9f,
    -104.5f,
    1e4f,
    -1e4f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    0.99999994f,
    1.0000001f,
    4f,
    -4f
  };

  private static float[] inputs() {
    Random random = new Random(11);
    float[] out = new float[Tier.current().cases(6_000, 400_000)];
    System.arraycopy(SPECIAL, 0, out, 0, SPECIAL.length);
    for (int i = SPECIAL.length; i < out.length; i++) {
      out[i] =
          switch (i % 3) {
            case 0 -> Float.intBitsToFloat(random.nextInt());
            case 1 -> (float) (random.nextGaussian() * 20);
            default -> (float) (random.nextGaussian() * 1.5);
          };
    }
    return out;
  }

  @Test
  void eachFunctionIsWithinSixUnitsInTheLastPlace() {
    float[] x = inputs();
    for (ScalarFn fn : ScalarFn.values()) {
      if (ScalarExpansion.of(fn).isEmpty() || fn == ScalarFn.THREEFRY) {
        continue;
      }
      TileBuilder s = new TileBuilder(fn.toString());
      Dim n = Dim.of(x.length);
      int in = s.buffer("x", DType.F32, n);
      int out = s.buffer("y", DType.F32, n);
      Dim i = s.axis(n);
      s.store(out, s.apply(fn, s.load(in, i)), i);
      ThreadKernel threads = PtxLegalizer.legalize(GpuLowering.lower(s.build()));
      Tensor y = Tensor.zeros(DType.F32, x.length);
      ThreadEvaluator.run(threads, List.of(Tensor.of(x, x.length), y), new Bindings(Map.of()));
      for (int k = 0; k < x.length; k++) {
        check(fn, x[k], (float) y.getDouble(k));
      }
    }
  }

  private static void check(ScalarFn fn, float x, float actual) {
    double exact = ScalarMath.apply(fn, DType.F32, x);
    float nearest = (float) exact;
    String what = fn + "(" + x + ") is " + actual + ", not " + exact;
    if (fn == ScalarFn.EXP && nearest < 0x1.6ap-126f) {
      assertThat(actual).as(what).isZero();
    } else if (Float.isNaN(nearest) || Float.isInfinite(nearest) || nearest == 0) {
      boolean nextToZero = nearest == 0 && Math.abs(actual) <= Float.MIN_VALUE;
      boolean same = Float.isNaN(nearest) ? Float.isNaN(actual) : nearest == actual;
      // Sums may overflow where the true value rounds to the largest number's other side.
      assertThat(same || nextToZero).as(what).isTrue();
    } else {
      assertThat(Math.abs(actual - exact)).as(what).isLessThanOrEqualTo(6.0 * Math.ulp(nearest));
    }
  }
}
