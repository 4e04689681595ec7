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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProductTilesTest {
  @Test
  void aDearFunctionBehindAProductIsInALoopOfItsOwn() {
    String loops =
        checked(
            """
            net(argument x %x: f32[13, 5], weight w %w: f32[5, 32])
            %p: f32[13, 32] = %x @ %w
            %y: f32[13, 32] = erf(%p)
            """);
    assertThat(loops).contains("tileFinish");
    assertThat(function(loops, "tile5x2")).doesNotContain("erf(").contains("tileFinish");
  }

  @Test
  void rowsThatAreLeftOverOfAProductInPlaceHaveATileOfTheirOwn() {
    String loops =
        checked(
            """
            net(argument x %x: f32[13, 5], weight v %v: f32[5, 32], weight w %w: f32[5, 32], weight u %u: f32[32, 32])
            %p: f32[13, 32] = %x @ %v
            %q: f32[13, 32] = %x @ %w
            %s: f32[13, 32] = add(%p, %q)
            %y: f32[13, 32] = %s @ %u
            """);
    assertThat(loops).contains("tile5x2").contains("tile3x2");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 5, 6, 7, 9, 11, 12, 26})
  void aNumberOfRowsThatIsNotKnownHasTilesOfTwoAndOne(long rows) {
    String loops =
        checked(
            """
            net(argument x %x: f32[N, 5], weight w %w: f32[5, 40])
            %p: f32[N, 40] = %x @ %w
            %y: f32[N, 40] = erf(%p)
            """,
            Map.of("N", rows));
    assertThat(loops).contains("tile2x").contains("tile1x");
  }

  @Test
  void vectorsOfOneRowFollowOneAnother() {
    String loops =
        checked(
            """
            net(argument x %x: f32[12, 7], weight w %w: f32[7, 32])
            %y: f32[12, 32] = %x @ %w
            """);
    String tile = function(loops, "tile6x2");
    int first = tile.indexOf("set sum1 ");
    int scalar = tile.indexOf("let a1 ");
    assertThat(first).as(tile).isPositive();
    assertThat(scalar).as("the next row's scalar").isGreaterThan(first);
  }

  @Test
  void aProductOfOneRowHasSeveralVectorsAtATime() {
    String loops =
        checked(
            """
            net(argument x %x: f32[1, 7], weight w %w: f32[7, 64])
            %y: f32[1, 64] = %x @ %w
            """);
    assertThat(loops).contains("sum3");
  }

  @Test
  void theColumnsOfANarrowWindowAreWrittenOutAndShareWhatTheyRead() {
    String loops =
        checked(
            """
            net(argument x %x: f32[2, 1, 11, 16], weight v %v: f32[6, 1, 5, 5], weight w %w: f32[16, 6, 1, 1])
            %p: f32[2, 6, 7, 12] = %x conv %v
            %y: f32[2, 16, 7, 12] = %p conv %w
            """);
    // Six columns under a window of five see ten elements, all but the outermost shared.
    String tile = function(loops, "edge6x1");
    assertThat(tile.split("let element", -1)).as(tile).hasSize(1 + 8);
  }

  /// The graph of a head and of lines up to `%y`, the result, in which `%a @ %b` is a product of
  /// matrices, and `%a conv %b` a convolution of pictures.
  private static Graph graph(String text) {
    int end = text.indexOf('\n');
    String lines =
        text.substring(end)
            .replaceAll(
                "(%\\w) @ (%\\w)",
                """
                contract($1, $2) {left = "nk", right = "km", out = "nm", accumulator = f32}\
                """)
            .replaceAll(
                "(%\\w) conv (%\\w)",
                """
                conv($1, $2) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], \
                dilations = [1, 1], groups = 1, accumulator = f32}\
                """);
    return GraphParser.graph(
        "graph " + text.substring(0, end) + " {" + lines + "return argument y = %y\n}\n");
  }

  /// The kernels of a graph for 16 registers, which do what it does.
  private static String checked(String text) {
    return checked(text, Map.of());
  }

  private static String checked(String text, Map<String, Long> sizes) {
    Graph graph = graph(text);
    KernelTable table = new KernelTable();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    Agreement agreement = Agreement.of(graph, sizes);
    List<LoopKernel> loops =
        table.kernels().stream().map(k -> Schedules.lower(k, CpuTier.REGISTERS_16)).toList();
    StringBuilder all = new StringBuilder();
    loops.forEach(l -> all.append(LoopKernelPrinter.print(l)));
    for (int lanes : List.of(4, 8, 16)) {
      for (int threads : List.of(1, 3)) {
        agreement.check(
            all.toString(),
            1e-5,
            (arguments, kept) ->
                ProgramInterpreter.run(program, loops, lanes, threads, arguments, kept));
      }
    }
    return all.toString();
  }

  private static String function(String loops, String name) {
    int from = loops.indexOf("function " + name + "(");
    assertThat(from).as(loops).isNotNegative();
    int to = loops.indexOf("function ", from + 1);
    return loops.substring(from, to < 0 ? loops.length() : to);
  }
}
