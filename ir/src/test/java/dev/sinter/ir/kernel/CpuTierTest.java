package dev.sinter.ir.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.runtime.KernelTier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CpuTierTest {
  @ParameterizedTest
  @EnumSource(KernelTier.class)
  void isCalledAsTheRuntimeCallsIt(KernelTier tier) {
    assertThat(CpuTier.of(tier).text()).isEqualTo(tier.text());
    assertThat(CpuTier.parse(tier.text())).contains(CpuTier.of(tier));
  }

  @Test
  void noOtherTextIsATier() {
    assertThat(CpuTier.parse("64")).isEmpty();
    assertThat(CpuTier.parse("REGISTERS_16")).isEmpty();
  }
}
