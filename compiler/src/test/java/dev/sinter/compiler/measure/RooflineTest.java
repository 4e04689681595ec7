package dev.sinter.compiler.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.compiler.measure.Roofline.Reason;
import dev.sinter.ir.ScalarFn;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RooflineTest {
  private static final MachineLimits LIMITS = new MachineLimits(200, 20);
  private static final InnerLoop PRODUCT = new InnerLoop(true, 24, 0, List.of(), 10, 0);

  @Test
  void theShareIsOfWhicheverLimitTakesLonger() {
    assertThat(roofline(10_000, 1_000_000, 1_000).share()).isEqualTo(0.5, within(1e-12));
    assertThat(roofline(10_000, 1_000, 150_000).share()).isEqualTo(0.75, within(1e-12));
    assertThat(roofline(10_000, 1_000, 400_000).share()).isEqualTo(2, within(1e-12));
  }

  @Test
  void whatIsNearHasNoReason() {
    assertThat(why(10_000, 1_800_000, 0, PRODUCT, 1)).isEqualTo(Reason.NEAR);
    assertThat(roofline(10_000, 1_800_000, 0).why(PRODUCT, 1).text()).isEmpty();
  }

  @Test
  void theReasonIsTheFirstThatTheFiguresAllow() {
    InnerLoop scalar = new InnerLoop(false, 1, 0, List.of(), 2, 0);
    InnerLoop functions = new InnerLoop(true, 0, 2, List.of(ScalarFn.EXP), 1, 1);
    InnerLoop loads = new InnerLoop(true, 4, 0, List.of(), 5, 0);
    InnerLoop stores = new InnerLoop(true, 1, 1, List.of(), 1, 1);
    InnerLoop simple = new InnerLoop(true, 2, 6, List.of(), 2, 0);
    InnerLoop copy = new InnerLoop(true, 0, 0, List.of(), 1, 1);
    assertThat(why(2_000, 100_000, 0, PRODUCT, 1)).isEqualTo(Reason.SHORT);
    assertThat(why(9_000, 100_000, 0, scalar, 1)).isEqualTo(Reason.SCALAR);
    assertThat(why(9_000, 100_000, 0, null, 1)).isEqualTo(Reason.LIBRARY);
    assertThat(why(9_000, 100_000, 0, functions, 1)).isEqualTo(Reason.FUNCTIONS);
    assertThat(why(9_000, 100_000, 0, PRODUCT, 0.6)).isEqualTo(Reason.LANES);
    assertThat(why(9_000, 100_000, 0, stores, 1)).isEqualTo(Reason.STORES);
    assertThat(why(9_000, 100_000, 0, loads, 1)).isEqualTo(Reason.LOADS);
    assertThat(why(9_000, 100_000, 0, simple, 1)).isEqualTo(Reason.OPERATIONS);
    assertThat(why(9_000, 100_000, 0, PRODUCT, 1)).isEqualTo(Reason.WAITS);
    assertThat(why(90_000, 0, 100_000, copy, 1)).isEqualTo(Reason.MEMORY);
  }

  private static Reason why(
      double nanoseconds, double flops, double bytes, @Nullable InnerLoop loop, double lanes) {
    return roofline(nanoseconds, flops, bytes).why(loop, lanes).reason();
  }

  private static Roofline roofline(double nanoseconds, double flops, double bytes) {
    return new Roofline(nanoseconds, flops, bytes, LIMITS);
  }
}
