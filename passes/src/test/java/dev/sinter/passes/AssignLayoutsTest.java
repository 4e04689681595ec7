package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernelParser;
import dev.sinter.ir.kernel.TileKernelPrinter;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where the buffers of a program lie.
class AssignLayoutsTest {
  private final KernelTable table = new KernelTable();

  private Program program(Graph graph) {
    return program(graph, WeightStorage.F32);
  }

  private Program program(Graph graph, WeightStorage storage) {
    return Passes.program(graph, storage, table, Watcher.NONE);
  }

  private static Layout layout(Program program, String name) {
    return program.buffers().stream()
        .filter(b -> b.name().equals(name))
        .map(Buffer::layout)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aConvolutionHasItsChannelsLastAndItsFilterInPanels() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[2, 5, 6, 6], weight w %w: f32[10, 5, 3, 3], weight v %v: f32[7, 10, 1, 1]) {
              %y: f32[2, 10, 6, 6] = conv(%x, %w) {strides = [1, 1], padLow = [1, 1], padHigh = [1, 1], dilations = [1, 1], groups = 1, accumulator = f32}
              %h: f32[2, 10, 6, 6] = relu(%y)
              %p: f32[2, 10, 3, 3] = pool(%h) {reducer = max, window = [2, 2], strides = [2, 2], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1]}
              %z: f32[2, 7, 3, 3] = conv(%p, %v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              return argument out = %z
            }
            """);
    Program program = program(graph);
    String text = text(program);
    assertThat(layout(program, "pad"))
        .as("what a window moves over")
        .isEqualTo(new Layout.Dense(List.of(0, 2, 3, 1)));
    for (String padded : List.of("h", "p")) {
      assertThat(layout(program, padded).order()).as(text).isEqualTo(List.of(0, 2, 3, 1));
      assertThat(layout(program, padded)).as("10 channels").isInstanceOf(Layout.Panels.class);
    }
    assertThat(layout(program, "w")).as(text).isInstanceOf(Layout.Panels.class);
    assertThat(layout(program, "x")).as("the caller's").isEqualTo(Layout.rowMajor(4));
    assertThat(layout(program, "out")).as("the caller's").isEqualTo(Layout.rowMajor(4));
    agrees(graph, program);
  }

  @Test
  void aStateAndItsMomentsLieAsItsProductWants() {
    Graph graph =
        GraphParser.graph(
            """
            graph step(argument x %x: f32[6, 9], state w %w: f32[10, 9], state m %m: f32[10, 9]) {
              %y: f32[6, 10] = contract(%x, %w) {left = "ab", right = "cb", out = "ac", accumulator = f32}
              %g: f32[10, 9] = contract(%y, %x) {left = "ba", right = "bc", out = "ac", accumulator = f32}
              %n: f32[10, 9] = add(%m, %g)
              %u: f32[10, 9] = sub(%w, %n)
              return argument y = %y, state w = %u, state m = %n
            }
            """);
    Program program = program(graph);
    assertThat(layout(program, "w")).isInstanceOf(Layout.Panels.class);
    assertThat(layout(program, "m")).as(text(program)).isEqualTo(layout(program, "w"));
    agrees(graph, program);
  }

  @Test
  void partsOfAWeightInPanelsAreReadWhereTheyLie() {
    for (String part :
        List.of(
            "{starts = [2, 0], sizes = [32, 9], steps = [1, 1]}",
            "{starts = [2, 0], sizes = [19, 9], steps = [2, 1]}",
            "{starts = [39, 0], sizes = [40, 9], steps = [-1, 1]}")) {
      int rows = part.contains("32") ? 32 : part.contains("19") ? 19 : 40;
      Graph graph =
          GraphParser.graph(
              """
              graph net(argument x %%x: f32[64, 9], weight w %%w: f32[40, 9]) {
                %%y: f32[64, 40] = contract(%%x, %%w) {left = "ab", right = "cb", out = "ac", accumulator = f32}
                %%p: f32[%d, 9] = slice(%%w) %s
                %%s: f32[9] = reduce(%%p) {reducer = sum, axes = [0], accumulator = f32}
                %%t: f32[%d] = reduce(%%p) {reducer = max, axes = [1], accumulator = f32}
                return argument y = %%y, argument s = %%s, argument t = %%t
              }
              """
                  .formatted(rows, part, rows));
      Program program = program(graph);
      assertThat(layout(program, "w")).isInstanceOf(Layout.Panels.class);
      agrees(graph, program);
    }
  }

  @Test
  void memoryThatIsSeenUnderOtherSizesStaysRowMajor() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[2, 5, 4, 4], weight w %w: f32[8, 5, 1, 1], weight v %v: f32[12, 128]) {
              %y: f32[2, 8, 4, 4] = conv(%x, %w) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              %h: f32[2, 8, 4, 4] = relu(%y)
              %f: f32[2, 128] = reshape(%h) {shape = [2, 128]}
              %z: f32[2, 12] = contract(%f, %v) {left = "ab", right = "cb", out = "ac", accumulator = f32}
              return argument out = %z
            }
            """);
    Program program = program(graph);
    assertThat(layout(program, "h")).as(text(program)).isEqualTo(Layout.rowMajor(4));
    agrees(graph, program);
  }

  @Test
  void aProductAtTheBorderWorksOnCopiesThatLieAsItNeedsThem() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[1, 5, 11, 11], argument r %r: f32[1, 48, 9, 9], weight w %w: f32[48, 5, 3, 3]) {
              %y: f32[1, 48, 9, 9] = conv(%x, %w) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              %s: f32[1, 48, 9, 9] = add(%y, %r)
              return argument out = %s
            }
            """);
    Program program = program(graph);
    String text = text(program);
    Layout last = new Layout.Dense(List.of(0, 2, 3, 1));
    List<Buffer> copies =
        program.buffers().stream().filter(b -> b.origin() instanceof Origin.Temporary).toList();
    assertThat(copies).as(text).hasSize(3).allMatch(b -> b.layout().equals(last));
    assertThat(program.launches()).as(text).hasSize(4);
    assertThat(layout(program, "out")).as("the caller's").isEqualTo(Layout.rowMajor(4));
    agrees(graph, program);
  }

  @Test
  void aCopyThatIsNotUsedOftenIsNotMade() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[1, 1, 11, 11], weight w %w: f32[6, 1, 3, 3]) {
              %y: f32[1, 6, 9, 9] = conv(%x, %w) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              return argument out = %y
            }
            """);
    Program program = program(graph);
    assertThat(program.launches()).as(text(program)).hasSize(1);
    agrees(graph, program);
  }

  @Test
  void channelsThatAreAddedKeepWhatTheyAre() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[2, 5, 3, 4], weight v %v: f32[20, 5, 1, 1], weight w %w: f32[7, 24, 1, 1], weight u %u: f32[7, 36, 1, 1]) {
              %a: f32[2, 20, 3, 4] = conv(%x, %v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              %b: f32[2, 20, 3, 4] = sigmoid(%a)
              %c: f32[2, 24, 3, 4] = pad(%b) {low = [0, 0, 0, 0], high = [0, 4, 0, 0], interior = [0, 0, 0, 0], value = 0.0}
              %y: f32[2, 7, 3, 4] = conv(%c, %w) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              %o: f32[2, 16, 3, 4] = fill() {dtype = f32, real = 2.0, integer = 0, shape = [2, 16, 3, 4]}
              %d: f32[2, 36, 3, 4] = concat(%b, %o) {axis = 1}
              %z: f32[2, 7, 3, 4] = conv(%d, %u) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              return argument y = %y, argument z = %z
            }
            """);
    Program program = program(graph);
    assertThat(text(program)).contains("panels 1 of $lanes in [0, 2, 3] []");
    agrees(graph, program);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 13})
  void weightsOfProductsInHalfTheMemoryAreInterleaved(int rows) {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %%x: f32[%1$d, 70], weight w %%w: f32[150, 70], weight b %%b: f32[150], weight v %%v: f32[150, 37]) {
              %%y: f32[%1$d, 150] = contract(%%x, %%w) {left = "ab", right = "cb", out = "ac", accumulator = f32}
              %%c: f32[%1$d, 150] = broadcast(%%b) {axes = [1], shape = [%1$d, 150]}
              %%s: f32[%1$d, 150] = add(%%y, %%c)
              %%h: f32[%1$d, 150] = relu(%%s)
              %%z: f32[%1$d, 37] = contract(%%h, %%v) {left = "ab", right = "bc", out = "ac", accumulator = f32}
              return argument out = %%z
            }
            """
                .formatted(rows));
    Program program = program(graph, WeightStorage.BF16);
    assertThat(layout(program, "w"))
        .as(text(program))
        .isEqualTo(new Layout.Interleaved(0, 2, List.of(1)));
    assertThat(layout(program, "v"))
        .as(text(program))
        .isEqualTo(new Layout.Interleaved(1, 2, List.of(0)));
    assertThat(layout(program, "b")).isNotInstanceOf(Layout.Interleaved.class);
    agrees(graph, program);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 13, 17})
  void weightsOfEightBitsAreInterleavedByFour(int rows) {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %%x: f32[%1$d, 70], weight w %%w: i8[150, 70], weight s %%s: f32[150], weight v %%v: i8[150, 37]) {
              %%y: f32[%1$d, 150] = contract(%%x, %%w) {left = "ab", right = "cb", out = "ac", accumulator = f32}
              %%c: f32[%1$d, 150] = broadcast(%%s) {axes = [1], shape = [%1$d, 150]}
              %%h: f32[%1$d, 150] = mul(%%y, %%c)
              %%z: f32[%1$d, 37] = contract(%%h, %%v) {left = "ab", right = "bc", out = "ac", accumulator = f32}
              return argument out = %%z
            }
            """
                .formatted(rows));
    Program program = program(graph);
    assertThat(layout(program, "w"))
        .as(text(program))
        .isEqualTo(new Layout.Interleaved(0, 4, List.of(1)));
    assertThat(layout(program, "v"))
        .as(text(program))
        .isEqualTo(new Layout.Interleaved(1, 4, List.of(0)));
    // The answers are up to 600,000.
    agrees(graph, program, 1);
  }

  @Test
  void aFilterInHalfTheMemoryIsInterleaved() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[2, 16, 6, 7], weight w %w: f32[36, 16, 3, 3], weight v %v: f32[6, 36, 1, 1]) {
              %y: f32[2, 36, 3, 4] = conv(%x, %w) {strides = [2, 2], padLow = [1, 1], padHigh = [1, 1], dilations = [1, 1], groups = 1, accumulator = f32}
              %z: f32[2, 6, 3, 4] = conv(%y, %v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
              return argument out = %z
            }
            """);
    Program program = program(graph, WeightStorage.BF16);
    assertThat(layout(program, "w")).as(text(program)).isInstanceOf(Layout.Interleaved.class);
    assertThat(layout(program, "v")).as("few weights").isInstanceOf(Layout.Panels.class);
    agrees(graph, program);
  }

  @Test
  void whatIsTrainedIsKeptWhole() {
    Graph graph =
        GraphParser.graph(
            """
            graph step(argument x %x: f32[6, 90], state w %w: f32[100, 90]) {
              %y: f32[6, 100] = contract(%x, %w) {left = "ab", right = "cb", out = "ac", accumulator = f32}
              %g: f32[100, 90] = contract(%y, %x) {left = "ba", right = "bc", out = "ac", accumulator = f32}
              %n: f32[100, 90] = add(%w, %g)
              return argument y = %y, state w = %n
            }
            """);
    Program program = program(graph, WeightStorage.BF16);
    assertThat(text(program)).doesNotContain("interleaved");
  }

  private String text(Program program) {
    return dev.sinter.ir.program.ProgramPrinter.print(program, k -> table.kernels().get(k).name());
  }

  /// Compares the program, on each tier and for odd numbers of lanes, with the graph.
  private void agrees(Graph graph, Program program) {
    agrees(graph, program, 1e-4);
  }

  private void agrees(Graph graph, Program program, double tolerance) {
    Agreement agreement = Agreement.of(graph, Map.of());
    for (TileKernel kernel : table.kernels()) {
      assertThat(TileKernelParser.parse(TileKernelPrinter.print(kernel))).isEqualTo(kernel);
    }
    for (CpuTier tier : CpuTier.values()) {
      List<LoopKernel> loops = table.kernels().stream().map(k -> Schedules.lower(k, tier)).toList();
      for (int lanes : tier == CpuTier.SCALAR ? List.of(1) : List.of(4, 8, 16)) {
        agreement.check(
            "on %s with %d lanes".formatted(tier, lanes),
            tolerance,
            (arguments, kept) -> ProgramInterpreter.run(program, loops, lanes, 3, arguments, kept));
      }
    }
  }
}
