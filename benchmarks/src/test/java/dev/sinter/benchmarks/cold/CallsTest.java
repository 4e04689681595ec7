package dev.sinter.benchmarks.cold;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CallsTest {
  @Test
  void callsAreSteadyFromTheFirstThatTakesWhatTheLastOnesTake() {
    Calls calls = new Calls();
    long now = 0;
    for (int i = 0; i < 200; i++) {
      long taken = i < 50 ? 1000 : 105 - i / 50;
      calls.add(now, taken);
      now += taken;
    }

    assertThat(calls.steady()).isEqualTo(103);
    // From half of a window before it on, the median of one is steady.
    assertThat(calls.steadyFrom()).isBetween(40_000L, 50_000L);
  }

  @Test
  void whatTakesTheSameFromTheBeginningIsSteadyFromTheBeginning() {
    assertThat(Calls.until(() -> {}, 0.001).steadyFrom()).isPositive();
    Calls calls = new Calls();
    for (int i = 0; i < 100; i++) {
      calls.add(7 + 10 * i, 10);
    }

    assertThat(calls.steadyFrom()).isEqualTo(7);
  }
}
