package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.ir.program.ProgramPrinter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Attention and what is like it, head by head and some rows at a time.
class RunInBlocksTest {
  private final KernelTable table = new KernelTable();

  private Program program(Graph graph) {
    return Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
  }

  private String text(Program program) {
    return ProgramPrinter.print(program, k -> table.kernels().get(k).name());
  }

  private static List<Step.Blocks> blocks(Program program) {
    return program.allSteps().stream()
        .filter(Step.Blocks.class::isInstance)
        .map(Step.Blocks.class::cast)
        .toList();
  }

  /// The shapes of what each thread has of its own.
  private static List<List<Dim>> ofEachThread(Program program) {
    return program.buffers().stream()
        .filter(b -> b.origin().equals(new Origin.Temporary(true)))
        .map(Program.Buffer::shape)
        .toList();
  }

  private void agrees(Graph graph, Program program, Map<String, Long> sizes) {
    Agreement agreement = Agreement.of(Differentiate.differentiate(graph), sizes);
    agreement.check(
        "by tiles",
        1e-3,
        (arguments, kept) -> ProgramInterpreter.run(program, table.kernels(), arguments, kept));
    for (CpuTier tier : CpuTier.values()) {
      List<LoopKernel> loops = table.kernels().stream().map(k -> Schedules.lower(k, tier)).toList();
      int lanes = tier == CpuTier.SCALAR ? 1 : 8;
      agreement.check(
          "on " + tier,
          1e-3,
          (arguments, kept) -> ProgramInterpreter.run(program, loops, lanes, 3, arguments, kept));
    }
  }

  /// Attention with queries that share keys and values.
  private static Graph attention(String batch, String queries, String keys, boolean causal) {
    String from = causal ? ", argument start %start: i64[]" : "";
    String operand = causal ? ", %start" : "";
    return GraphParser.graph(
        """
        graph attend(argument q %%q: f32[%1$s, 2, 3, %2$s, 2], argument k %%k: f32[%1$s, 2, %3$s, 2], argument v %%v: f32[%1$s, 2, %3$s, 4]%4$s) {
          %%y: f32[%1$s, 2, 3, %2$s, 4], %%s: f32[%1$s, 2, 3, %2$s] = attention(%%q, %%k, %%v%5$s) {causal = %6$s, masked = false, scale = 0.35}
          return argument y = %%y
        }
        """
            .formatted(batch, queries, keys, from, operand, causal));
  }

  @ParameterizedTest
  @CsvSource({
    "N, T, S, false, 2, 70, 12",
    "N, T, S, true, 1, 129, 20",
    "N, T, S, true, 1, 64, 33",
    "N, T, S, false, 3, 1, 1",
    "2, 128, 17, false, 2, 128, 17",
    "2, 100, 24, true, 2, 100, 24"
  })
  void noScoresAreInMemoryAsAWhole(
      String batch, String queries, String keys, boolean causal, long n, long t, long s) {
    Graph graph = attention(batch, queries, keys, causal);
    Program program = program(graph);
    assertThat(blocks(program)).as(text(program)).hasSize(1);
    assertThat(ofEachThread(program))
        .as(text(program))
        .isNotEmpty()
        .allSatisfy(shape -> assertThat(shape.getFirst()).isEqualTo(Dim.of(BlockChain.ROWS)));
    assertThat(program.buffers())
        .as(text(program))
        .noneMatch(b -> b.shape().size() == 5 && b.shape().getLast().toString().equals(keys));
    agrees(graph, program, Map.of("N", n, "T", t, "S", s));
  }

  @Test
  void fewRowsStayTogether() {
    Graph graph = attention("4", "40", "48", false);
    Program program = program(graph);
    assertThat(blocks(program)).as(text(program)).hasSize(1);
    assertThat(ofEachThread(program)).contains(List.of(Dim.of(40), Dim.of(48)));
    agrees(graph, program, Map.of());
  }

  /// The gradient sums scores over the queries: a block has all of them.
  @ParameterizedTest
  @CsvSource({"4, 32, 32", "N, T, S"})
  void aGradientIsDoneHeadByHead(String batch, String queries, String keys) {
    Graph graph =
        GraphParser.graph(
            """
            graph step(argument q %%q: f32[%1$s, 4, %2$s, 4], argument k %%k: f32[%1$s, 4, %3$s, 4], argument v %%v: f32[%1$s, 4, %3$s, 4]) {
              %%y: f32[%1$s, 4, %2$s, 4], %%s: f32[%1$s, 4, %2$s] = attention(%%q, %%k, %%v) {causal = false, masked = false, scale = 0.35}
              %%z: f32[%1$s, 4, %2$s, 4] = mul(%%y, %%y)
              %%l: f32[] = reduce(%%z) {reducer = sum, axes = [0, 1, 2, 3], accumulator = f32}
              %%dq: f32[%1$s, 4, %2$s, 4], %%dk: f32[%1$s, 4, %3$s, 4], %%dv: f32[%1$s, 4, %3$s, 4] = gradient(%%l, %%q, %%k, %%v)
              return argument dq = %%dq, argument dk = %%dk, argument dv = %%dv
            }
            """
                .formatted(batch, queries, keys));
    Program program = program(graph);
    assertThat(blocks(program)).as(text(program)).isNotEmpty();
    agrees(graph, program, Map.of("N", 2L, "T", 70L, "S", 9L));
  }

  /// What the caller gets is written block by block, but whole.
  @Test
  void aResultIsWhole() {
    Graph graph =
        GraphParser.graph(
            """
            graph attend(argument q %q: f32[9, 70, 4], argument k %k: f32[9, 70, 4], argument v %v: f32[9, 70, 4]) {
              %s: f32[9, 70, 70] = contract(%q, %k) {left = "btd", right = "bsd", out = "bts", accumulator = f32}
              %e: f32[9, 70, 70] = exp(%s)
              %y: f32[9, 70, 4] = contract(%e, %v) {left = "bts", right = "bsd", out = "btd", accumulator = f32}
              %n: f32[9, 70, 70] = neg(%e)
              return argument y = %y, argument n = %n
            }
            """);
    Program program = program(graph);
    assertThat(blocks(program)).as(text(program)).hasSize(1);
    assertThat(ofEachThread(program))
        .as(text(program))
        .containsExactly(List.of(Dim.of(64), Dim.of(70)));
    agrees(graph, program, Map.of());
  }

  /// Weights would be read again for each block.
  @Test
  void linearLayersAreNoBlocks() {
    Graph graph =
        GraphParser.graph(
            """
            graph layers(argument x %x: f32[N, 256], weight w %w: f32[256, 512], weight v %v: f32[512, 256]) {
              %h: f32[N, 512] = contract(%x, %w) {left = "ni", right = "io", out = "no", accumulator = f32}
              %r: f32[N, 512] = relu(%h)
              %y: f32[N, 256] = contract(%r, %v) {left = "no", right = "oi", out = "ni", accumulator = f32}
              return argument y = %y
            }
            """);
    assertThat(blocks(program(graph))).isEmpty();
  }
}
