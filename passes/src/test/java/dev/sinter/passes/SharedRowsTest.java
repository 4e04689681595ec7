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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How threads share loops within loops.
class SharedRowsTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 5", "2, 3", "5, 1", "7, 2"})
  void rowsOfBatchesOfWhichThereMayBeOneAreShared(long batches, long rows) {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[B, S, 20], argument m %m: f32[B, 20]) {
              %w: f32[B, S, 20] = broadcast(%m) {axes = [0, 2], shape = [B, S, 20]}
              %a: f32[B, S, 20] = add(%x, %w)
              %y: f32[B, S] = reduce(%a) {reducer = sum, axes = [2], accumulator = f32}
              return argument y = %y
            }
            """);
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    List<LoopKernel> loops =
        table.kernels().stream().map(k -> Schedules.lower(k, CpuTier.REGISTERS_16)).toList();
    String text = LoopKernelPrinter.print(loops.getFirst());
    assertThat(text).contains("share from to of {B*S}");
    Agreement agreement = Agreement.of(graph, Map.of("B", batches, "S", rows));
    for (int threads : List.of(1, 2, 3, 8)) {
      agreement.check(
          text,
          1e-5,
          (arguments, kept) -> ProgramInterpreter.run(program, loops, 8, threads, arguments, kept));
    }
  }
}
