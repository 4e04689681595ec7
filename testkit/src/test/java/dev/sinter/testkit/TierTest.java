package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class TierTest {
  @Test
  void triesMoreCasesInTheFullTier() {
    assertThat(Tier.SAMPLED.cases(10, 1000)).isEqualTo(10);
    assertThat(Tier.FULL.cases(10, 1000)).isEqualTo(1000);
  }

  @Test
  void isTheTierThatTheBuildNames() {
    assertThat(Tier.current().name().toLowerCase(Locale.ROOT))
        .isEqualTo(System.getProperty("sinter.tests", "sampled"));
  }
}
