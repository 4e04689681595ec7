package dev.sinter.ir.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.runtime.KernelTier;
import java.util.OptionalLong;
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

  @ParameterizedTest
  @EnumSource(
      value = CpuTier.class,
      names = {"REGISTERS_32", "REGISTERS_16"})
  void aTileHasAllVectorsOfAnInteger(CpuTier tier) {
    for (int together : new int[] {1, 2, 4}) {
      for (long rows = 1; rows < 20; rows++) {
        for (long columns : new long[] {10, 100, 1000}) {
          CpuTier.Tile tile =
              tier.tile(OptionalLong.of(rows), OptionalLong.of(columns), 1, together);
          assertThat(tile.vectors() % together).isZero();
        }
      }
    }
  }
}
