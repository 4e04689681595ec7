package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernelPrinter;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a reduction and the result are both made of is computed once, where threads do not disturb
/// each other by it.
class SpillTest {
  @ParameterizedTest
  @CsvSource({
    // Rows of whole vectors, of vectors with an end, and a row that all threads reduce.
    "'[6, 128]', 1, 1",
    "'[6, 37]', 1, 2",
    "'[5, 3, 64]', 2, 1",
    "'[128]', 0, 1",
  })
  void anExponentialIsComputedOnce(String shape, int axis, int times) {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %%x: f32%1$s) {
              %%y: f32%1$s = softmax(%%x) {axis = %2$d}
              return argument y = %%y
            }
            """
                .formatted(shape, axis));
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    Agreement agreement = Agreement.of(graph, Map.of());
    for (CpuTier tier : List.of(CpuTier.REGISTERS_16, CpuTier.SCALAR)) {
      List<LoopKernel> loops = table.kernels().stream().map(k -> Schedules.lower(k, tier)).toList();
      String text = LoopKernelPrinter.print(loops.getFirst());
      for (int lanes : tier == CpuTier.SCALAR ? List.of(1) : List.of(4, 8, 16)) {
        agreement.check(
            text,
            1e-5,
            (arguments, kept) -> ProgramInterpreter.run(program, loops, lanes, 3, arguments, kept));
      }
      if (tier != CpuTier.SCALAR) {
        assertThat(Pattern.compile("\\bexp\\(").matcher(text).results().count())
            .as(text)
            .isEqualTo(times);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 12, 20})
  void whatFollowsWholeVectorsOfChannelsComputesItsOwn(int channels) {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %%x: f32[2, 3, 6, 6], weight w %%w: f32[%1$d, 3, 1, 1], weight v %%v: f32[4, %1$d, 1, 1]) {
              %%a: f32[2, %1$d, 6, 6] = conv(%%x, %%w) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              %%t: f32[2, %1$d, 6, 6] = exp(%%a)
              %%s: f32[2, %1$d] = reduce(%%t) {reducer = sum, axes = [2, 3], accumulator = f32}
              %%r: f32[2, %1$d, 6, 6] = broadcast(%%s) {axes = [0, 1], shape = [2, %1$d, 6, 6]}
              %%b: f32[2, %1$d, 6, 6] = div(%%t, %%r)
              %%y: f32[2, 4, 6, 6] = conv(%%b, %%v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              %%z: f32[2, 4, 6, 6] = conv(%%a, %%v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              return argument y = %%y, argument z = %%z
            }
            """
                .formatted(channels));
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    Agreement agreement = Agreement.of(graph, Map.of());
    List<LoopKernel> loops =
        table.kernels().stream().map(k -> Schedules.lower(k, CpuTier.REGISTERS_16)).toList();
    for (int lanes : List.of(4, 8, 16)) {
      agreement.check(
          "%d channels, %d lanes".formatted(channels, lanes),
          1e-5,
          (arguments, kept) -> ProgramInterpreter.run(program, loops, lanes, 1, arguments, kept));
    }
  }
}
