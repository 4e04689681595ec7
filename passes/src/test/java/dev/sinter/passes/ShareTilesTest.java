package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernelParser;
import dev.sinter.ir.kernel.LoopKernelPrinter;
import dev.sinter.ir.kernel.LoopKernelVerifier;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShareTilesTest {
  @Test
  void productsOfOtherSizesHaveTheirTilesInCommon() {
    List<Function> tiles =
        tiles(
            """
            graph net(argument x %x: f32[12, 24], weight v %v: f32[24, 64], weight w %w: f32[64, 32]) {
              %p: f32[12, 64] = contract(%x, %v) {left = "nk", right = "km", out = "nm", accumulator = f32}
              %y: f32[12, 32] = contract(%p, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
              return argument y = %y
            }
            """);
    assertThat(tiles).hasSize(2).allMatch(Function::shared);
    assertThat(tiles.getFirst()).isEqualTo(tiles.getLast());
    assertThat(tiles.getFirst().params()).contains("turns", "aFirst", "aStep", "bPanel", "cStep");
  }

  @Test
  void whatIsAddedToASumMakesAnotherTileWhicheverWayRoundItIsWritten() {
    List<Function> tiles =
        tiles(
            """
            graph net(argument x %x: f32[12, 24], argument r %r: f32[12, 32], weight v %v: f32[24, 32], weight w %w: f32[32, 32], weight u %u: f32[32, 32]) {
              %p: f32[12, 32] = contract(%x, %v) {left = "nk", right = "km", out = "nm", accumulator = f32}
              %q: f32[12, 32] = contract(%p, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
              %s: f32[12, 32] = add(%q, %r)
              %t: f32[12, 32] = contract(%s, %u) {left = "nk", right = "km", out = "nm", accumulator = f32}
              %y: f32[12, 32] = add(%r, %t)
              return argument y = %y
            }
            """);
    assertThat(tiles).hasSize(3);
    assertThat(tiles.get(0)).isNotEqualTo(tiles.get(1));
    assertThat(tiles.get(1)).isEqualTo(tiles.get(2));
  }

  /// The tiles of the kernels, for buffers in the order of their use; the kernels do what the graph
  /// does.
  private static List<Function> tiles(String text) {
    Graph graph = GraphParser.graph(text);
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    List<LoopKernel> loops =
        table.kernels().stream().map(k -> Schedules.lower(k, CpuTier.REGISTERS_16)).toList();
    Agreement.of(graph, Map.of())
        .check(
            "of shared tiles",
            1e-4,
            (arguments, kept) -> ProgramInterpreter.run(program, loops, 8, 2, arguments, kept));
    List<Function> tiles = new ArrayList<>();
    for (LoopKernel kernel : loops) {
      assertThat(LoopKernelVerifier.faults(kernel)).isEmpty();
      assertThat(LoopKernelParser.parse(LoopKernelPrinter.print(kernel))).isEqualTo(kernel);
      for (Function function : kernel.functions()) {
        if (function.name().startsWith("tile")) {
          tiles.add(function.onto(function.buffers()));
        }
      }
    }
    return tiles;
  }
}
