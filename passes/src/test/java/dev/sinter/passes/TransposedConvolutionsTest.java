package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposedConvolutionsTest {
  @ParameterizedTest
  @CsvSource({
    // size, window, stride, low, high, dilation, groups
    "8, 4, 2, 1, 1, 1, 1",
    "8, 3, 2, 1, 0, 1, 1",
    "9, 3, 2, 1, 1, 1, 2",
    "9, 3, 2, 0, 0, 1, 1",
    "8, 2, 2, 0, 0, 1, 4",
    "7, 1, 2, 0, 0, 1, 1",
    "9, 3, 3, 0, 0, 1, 1",
    "14, 7, 2, 3, 2, 1, 1",
    "7, 3, 1, 2, 2, 2, 2"
  })
  void becomeConvolutionsOfTheirPhases(
      long size, long window, long stride, long low, long high, long dilation, long groups) {
    long places = (size + low + high - (window - 1) * dilation - 1) / stride + 1;
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument d %%d: f32[N, 4, %d, %d], weight w %%w: f32[4, %d, %d, %d]) {
              %%p: f32[N, %d, %d, %d] = conv_input(%%d, %%w) {strides = [%d, %d], padLow = [%d, %d], \
            padHigh = [%d, %d], dilations = [%d, %d], groups = %d, sizes = [%d, %d], accumulator = f32}
              %%y: f32[N, %d, %d, %d] = tanh(%%p)
              return argument y = %%y
            }
            """
                .formatted(
                    places,
                    places,
                    4 / groups,
                    window,
                    window,
                    4,
                    size,
                    size,
                    stride,
                    stride,
                    low,
                    low,
                    high,
                    high,
                    dilation,
                    dilation,
                    groups,
                    size,
                    size,
                    4,
                    size,
                    size));
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    List<LoopKernel> loops =
        table.kernels().stream().map(k -> Schedules.lower(k, CpuTier.REGISTERS_16)).toList();
    String text = ProgramPrinter.print(program, k -> table.kernels().get(k).name());
    assertThat(text).contains("conv").doesNotContain("conv_input");
    Agreement agreement = Agreement.of(graph, Map.of("N", 2L));
    for (int threads : List.of(1, 3)) {
      agreement.check(
          text,
          1e-5,
          (arguments, kept) -> ProgramInterpreter.run(program, loops, 8, threads, arguments, kept));
    }
  }
}
