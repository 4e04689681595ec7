package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final Report report =
      new Compiler(CompileOptions.DEFAULT).compile(SampleGraphs.mlp()).report();

  @Test
  void aProductOfMatricesCostsTwoOperationsATerm() {
    Dim n = Dim.symbol("N");
    List<Dim> flops =
        report.entries().getFirst().launches().stream().map(l -> l.cost().flops()).toList();
    assertThat(flops)
        .anySatisfy(f -> assertThat(f.evaluate(symbol -> 1)).isBetween(1480L, 1700L))
        .allSatisfy(f -> assertThat(f.symbols()).isSubsetOf(n.symbols()));
  }

  @Test
  void everyKernelIsUsedAndHasItsMethodInEachTier() {
    assertThat(report.kernels())
        .isNotEmpty()
        .allSatisfy(kernel -> {
          assertThat(kernel.launches()).isPositive();
          assertThat(kernel.methods()).hasSizeGreaterThanOrEqualTo(3);
          assertThat(kernel.methods()).allMatch(m -> m.bytes() < 8000);
        });
    assertThat(report.kernels().stream().flatMap(k -> k.operations().keySet().stream()))
        .contains("exp", "reduce sum", "reduce max");
  }
}
