package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernelPrinter;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ScheduleTable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Networks whose vectors run along the batch of their pictures.
class BatchLanesTest {
  private final KernelTable table = new KernelTable();

  /// A convolution, a pool, a flat layer and their gradients.
  ///
  /// @param batch how many pictures, or a symbol for that
  /// @param channels those of the first convolution's result
  /// @param stride that of the first convolution
  private static Graph step(String batch, int channels, int stride) {
    int rows = (12 - 3) / stride + 1;
    int pooled = rows / 2;
    return GraphParser.graph(
        """
        graph step(argument x %%x: f32[%1$s, 3, 12, 13], state w %%w: f32[%2$d, 3, 3, 4], weight v %%v: f32[7, %2$d, 1, 1], weight u %%u: f32[5, %6$d]) {
          %%c: f32[%1$s, %2$d, %4$d, %4$d] = conv(%%x, %%w) {strides = [%3$d, %3$d], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
          %%r: f32[%1$s, %2$d, %4$d, %4$d] = relu(%%c)
          %%p: f32[%1$s, %2$d, %5$d, %5$d] = pool(%%r) {reducer = max, window = [2, 2], strides = [2, 2], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1]}
          %%q: f32[%1$s, 7, %5$d, %5$d] = conv(%%p, %%v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
          %%f: f32[%1$s, %6$d] = reshape(%%q) {shape = [%1$s, %6$d]}
          %%y: f32[%1$s, 5] = contract(%%f, %%u) {left = "ab", right = "cb", out = "ac", accumulator = f32}
          %%z: f32[%1$s, 5] = mul(%%y, %%y)
          %%l: f32[] = reduce(%%z) {reducer = sum, axes = [0, 1], accumulator = f32}
          %%dw: f32[%2$d, 3, 3, 4], %%dx: f32[%1$s, 3, 12, 13] = gradient(%%l, %%w, %%x)
          %%n: f32[%2$d, 3, 3, 4] = sub(%%w, %%dw)
          return argument y = %%y, argument dx = %%dx, state w = %%n
        }
        """
            .formatted(batch, channels, stride, rows, pooled, 7 * pooled * pooled));
  }

  private String text(Program program) {
    return ProgramPrinter.print(program, k -> table.kernels().get(k).name());
  }

  private void agrees(Graph graph, Program program, Map<String, Long> sizes) {
    Agreement agreement = Agreement.of(Differentiate.differentiate(graph), sizes);
    for (CpuTier tier : CpuTier.values()) {
      List<LoopKernel> loops = table.kernels().stream().map(k -> Schedules.lower(k, tier)).toList();
      for (int lanes : tier == CpuTier.SCALAR ? List.of(1) : List.of(4, 8, 16)) {
        agreement.check(
            "on %s with %d lanes".formatted(tier, lanes),
            1e-2,
            (arguments, kept) -> ProgramInterpreter.run(program, loops, lanes, 3, arguments, kept));
      }
    }
  }

  private static Layout layout(Program program, String name) {
    return program.buffers().stream()
        .filter(b -> b.name().equals(name))
        .map(Buffer::layout)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"16, 5, 1", "16, 6, 2", "64, 5, 1", "48, 3, 1"})
  void fewChannelsOfManyPicturesHaveTheBatchLast(int batch, int channels, int stride) {
    Graph graph = step(Integer.toString(batch), channels, stride);
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    String text = text(program);
    assertThat(layout(program, "r")).as(text).isEqualTo(new Layout.Dense(List.of(1, 2, 3, 0)));
    assertThat(layout(program, "p")).as(text).isEqualTo(new Layout.Dense(List.of(1, 2, 3, 0)));
    assertThat(layout(program, "f"))
        .as("the same memory, flat")
        .isEqualTo(new Layout.Dense(List.of(1, 0)));
    assertThat(layout(program, "w")).as("read by scalars").isEqualTo(Layout.rowMajor(4));
    assertThat(layout(program, "x")).as("the caller's").isEqualTo(Layout.rowMajor(4));
    agrees(graph, program, Map.of());
  }

  @ParameterizedTest
  @CsvSource({"16, 16, 1", "20, 11, 1", "1, 5, 1", "N, 5, 1"})
  void otherNetworksHaveTheirChannelsLast(String batch, int channels, int stride) {
    Graph graph = step(batch, channels, stride);
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    assertThat(layout(program, "p").order()).as(text(program)).isEqualTo(List.of(0, 2, 3, 1));
    agrees(graph, program, Map.of("N", 3L));
  }

  @ParameterizedTest
  @CsvSource({"64", "16", "7", "1"})
  void anyBatchMayComeWhereFullOnesAreUsual(long batch) {
    Graph graph = step("N", 5, 1);
    Program program =
        Passes.program(
            graph,
            ScheduleTable.EMPTY,
            Map.of("N", Dim.of(64)),
            WeightStorage.F32,
            table,
            Watcher.NONE);
    assertThat(layout(program, "p")).isEqualTo(new Layout.Dense(List.of(1, 2, 3, 0)));
    agrees(graph, program, Map.of("N", batch));
  }

  @Test
  void aWindowIsOneLoop() {
    Graph graph = step("16", 5, 1);
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    String loops =
        table.kernels().stream()
            .map(k -> LoopKernelPrinter.print(Schedules.lower(k, CpuTier.REGISTERS_32)))
            .collect(Collectors.joining());
    assertThat(loops)
        .as("3 channels, 3 rows, 4 columns: " + text(program))
        .contains("= {0} to {36} by {1}");
  }
}
