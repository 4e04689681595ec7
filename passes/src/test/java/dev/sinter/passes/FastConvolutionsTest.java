package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.WinogradInput;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FastConvolutionsTest {
  private static Graph conv(long n, long in, long height, long width, long out, long stride) {
    return GraphParser.graph(
        """
        graph net(argument x %%x: f32[%d, %d, %d, %d], weight w %%w: f32[%d, %d, 3, 3], weight bias %%bias: f32[%5$d]) {
          %%p: f32[%1$d, %5$d, %7$d, %8$d] = conv(%%x, %%w) {strides = [%9$d, %9$d], padLow = [1, 0], padHigh = [1, 2], dilations = [1, 1], groups = 1, accumulator = f32}
          %%wide: f32[%1$d, %5$d, %7$d, %8$d] = broadcast(%%bias) {axes = [1], shape = [%1$d, %5$d, %7$d, %8$d]}
          %%s: f32[%1$d, %5$d, %7$d, %8$d] = add(%%p, %%wide)
          %%y: f32[%1$d, %5$d, %7$d, %8$d] = relu(%%s)
          return argument y = %%y
        }
        """
            .formatted(
                n,
                in,
                height,
                width,
                out,
                in,
                (height - 1) / stride + 1,
                (width - 1) / stride + 1,
                stride));
  }

  /// Whole tiles and cut ones; tiles of 2 where there are too few of 4; channels that are no whole
  /// vectors.
  @ParameterizedTest
  @CsvSource({"1, 48, 12, 16, 48, 4", "2, 40, 13, 14, 44, 4", "1, 160, 5, 6, 152, 2"})
  void theSameIsComputedInFewerMultiplications(
      long n, long in, long height, long width, long out, int tile) {
    Graph graph = conv(n, in, height, width, out, 1);
    Agreement direct = Agreement.of(graph, Map.of());
    Graph fast = FastConvolutions.choose(graph, Set.of("w"), MathMode.FAST, ScheduleTable.EMPTY);
    assertThat(fast.body().nodes())
        .extracting(Node::op)
        .contains(new WinogradInput(3, tile))
        .noneMatch(Conv.class::isInstance);
    Map<Graph.Output, Tensor> exact = Interpreter.exact().run(graph, direct.inputs());
    Map<Graph.Output, Tensor> again = Interpreter.exact().run(fast, direct.inputs());
    exact.forEach((output, tensor) ->
        assertThat(Objects.requireNonNull(again.get(output)).toDoubleArray())
            .containsExactly(tensor.toDoubleArray(), Offset.offset(1e-9)));
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    List<LoopKernel> loops =
        table.kernels().stream().map(k -> Schedules.lower(k, CpuTier.REGISTERS_16)).toList();
    direct.check(
        "of the program",
        1e-3,
        (arguments, kept) -> ProgramInterpreter.run(program, loops, 8, 3, arguments, kept));
  }

  @Test
  void aDirectSumStaysWhereItIsFasterOrTheFilterIsNotKnownAtLoad() {
    assertStays(conv(1, 2, 6, 6, 3, 1), Set.of("w"));
    assertStays(conv(1, 64, 12, 12, 64, 2), Set.of("w"));
    assertStays(conv(1, 64, 12, 12, 64, 1), Set.of());
    String integers = GraphPrinter.print(conv(1, 64, 12, 16, 64, 1)).replace("f32", "i32");
    assertStays(GraphParser.graph(integers), Set.of("w"));
  }

  private static void assertStays(Graph graph, Set<String> shared) {
    assertThat(FastConvolutions.choose(graph, shared, MathMode.FAST, ScheduleTable.EMPTY))
        .isEqualTo(graph);
  }

  @Test
  void exactMathAppliesNoRuleThatRoundsOtherwise() {
    Graph graph = conv(1, 48, 12, 16, 48, 1);
    assertThat(FastConvolutions.choose(graph, Set.of("w"), MathMode.EXACT, ScheduleTable.EMPTY))
        .isEqualTo(graph);
    String scaled = GraphPrinter.print(graph).replace("add(%p", "mul(%p");
    Graph scales = GraphParser.graph(scaled);
    Set<String> weights = Set.of("w", "bias");
    assertThat(FoldScales.fold(scales, weights, MathMode.EXACT)).isEqualTo(scales);
    assertThat(FoldScales.fold(scales, weights, MathMode.FAST)).isNotEqualTo(scales);
  }
}
