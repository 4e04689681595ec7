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
import dev.sinter.passes.tuning.Choices;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ProductShape;
import dev.sinter.passes.tuning.ProductTile;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.Tier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a table of schedules says is done, and whatever it says, the results are right.
class ChosenSchedulesTest {
  private static final String DENSE =
      """
      graph net(argument x %x: f32[13, 24], weight w %w: f32[24, 40], weight bias %bias: f32[40]) {
        %p: f32[13, 40] = contract(%x, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %wide: f32[13, 40] = broadcast(%bias) {axes = [1], shape = [13, 40]}
        %s: f32[13, 40] = add(%p, %wide)
        %y: f32[13, 40] = relu(%s)
        return argument y = %y
      }
      """;

  private static final String OPEN =
      """
      graph net(argument x %x: f32[N, 5], weight w %w: f32[5, 36]) {
        %p: f32[N, 36] = contract(%x, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %y: f32[N, 36] = erf(%p)
        return argument y = %y
      }
      """;

  private static final String IN_PLACE =
      """
      graph net(argument x %x: f32[13, 5], weight v %v: f32[5, 32], weight w %w: f32[5, 32], weight u %u: f32[32, 32]) {
        %p: f32[13, 32] = contract(%x, %v) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %q: f32[13, 32] = contract(%x, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
        %s: f32[13, 32] = add(%p, %q)
        %y: f32[13, 32] = contract(%s, %u) {left = "nk", right = "km", out = "nm", accumulator = f32}
        return argument y = %y
      }
      """;

  private static final String ONE_ROW =
      """
      graph net(argument x %x: f32[1, 7], weight w %w: f32[7, 68]) {
        %y: f32[1, 68] = contract(%x, %w) {left = "nk", right = "km", out = "nm", accumulator = f32}
        return argument y = %y
      }
      """;

  private static final String BATCHED =
      """
      graph net(argument x %x: f32[3, 9, 10], argument z %z: f32[3, 10, 20]) {
        %y: f32[3, 9, 20] = contract(%x, %z) {left = "bnk", right = "bkm", out = "bnm", accumulator = f32}
        return argument y = %y
      }
      """;

  private static final String SQUARES =
      """
      graph net(argument x %x: f32[2, 5, 9, 6], weight w %w: f32[12, 5, 3, 3]) {
        %p: f32[2, 12, 9, 6] = conv(%x, %w) {strides = [1, 1], padLow = [1, 0], padHigh = [1, 2], dilations = [1, 1], groups = 1, accumulator = f32}
        %y: f32[2, 12, 9, 6] = relu(%p)
        return argument y = %y
      }
      """;

  private static final String STRIDED =
      """
      graph net(argument x %x: f32[1, 6, 11, 9], weight w %w: f32[16, 6, 3, 3]) {
        %y: f32[1, 16, 5, 4] = conv(%x, %w) {strides = [2, 2], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
        return argument y = %y
      }
      """;

  /// Answers each question by some schedule that is allowed, and keeps what it answered.
  private static final class AnySchedule implements Choices {
    private final Random random;
    private ScheduleTable given = ScheduleTable.EMPTY;

    AnySchedule(long seed) {
      random = new Random(seed);
    }

    @Override
    public Optional<ProductTile> tile(ProductShape shape) {
      if (given.tile(shape).isEmpty()) {
        ProductTile tile = some();
        while (tile.fault(shape.tier()).isPresent()) {
          tile = some();
        }
        given = given.with(shape, tile);
      }
      return given.tile(shape);
    }

    private <E> E any(E[] all) {
      return all[random.nextInt(all.length)];
    }

    private ProductTile some() {
      return new ProductTile(
          1 + random.nextInt(ProductTile.MOST_ROWS),
          1 + random.nextInt(ProductTile.MOST_VECTORS),
          any(ProductTile.Walk.values()));
    }

    @Override
    public Optional<ConvolutionWay> way(ConvolutionShape shape) {
      if (given.way(shape).isEmpty()) {
        given = given.with(shape, any(ConvolutionWay.values()));
      }
      return given.way(shape);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {DENSE, OPEN, IN_PLACE, ONE_ROW, BATCHED, SQUARES, STRIDED})
  void anyTableThatIsAllowedGivesTheInterpretersAnswers(String text) {
    Graph graph = GraphParser.graph(text);
    for (int seed = 0; seed < Tier.current().cases(3, 200); seed++) {
      AnySchedule any = new AnySchedule(seed);
      Agreement agreement = Agreement.of(graph, Map.of("N", 1L + seed * 7 % 30));
      for (CpuTier tier : List.of(CpuTier.REGISTERS_16, CpuTier.REGISTERS_32)) {
        KernelTable table = new KernelTable();
        Program program =
            Passes.program(graph, any, Map.of(), WeightStorage.F32, table, Watcher.NONE);
        List<LoopKernel> loops =
            table.kernels().stream().map(k -> Schedules.lower(k, tier, any)).toList();
        for (int lanes : List.of(4, 8, 16)) {
          agreement.check(
              "by " + any.given + "\n" + text,
              1e-4,
              (arguments, kept) ->
                  ProgramInterpreter.run(program, loops, lanes, 1 + lanes / 8, arguments, kept));
        }
      }
      assertThat(any.given.tiles()).isNotEmpty();
    }
  }

  private static String loops(String text, CpuTier tier, Choices choices) {
    KernelTable table = new KernelTable();
    Passes.program(
        GraphParser.graph(text), choices, Map.of(), WeightStorage.F32, table, Watcher.NONE);
    return table.kernels().stream()
        .map(k -> LoopKernelPrinter.print(Schedules.lower(k, tier, choices)))
        .collect(Collectors.joining());
  }

  @Test
  void anEntryIsForItsTierAlone() {
    ProductShape shape =
        new ProductShape(CpuTier.REGISTERS_16, DType.F32, 13, 40, List.of(24L), 1, 24, -2);
    ScheduleTable table =
        ScheduleTable.EMPTY.with(shape, new ProductTile(2, 3, ProductTile.Walk.ACROSS));
    assertThat(loops(DENSE, CpuTier.REGISTERS_16, table))
        .contains("tile2x3")
        .isNotEqualTo(loops(DENSE, CpuTier.REGISTERS_16, ScheduleTable.EMPTY));
    assertThat(loops(DENSE, CpuTier.REGISTERS_32, table))
        .isEqualTo(loops(DENSE, CpuTier.REGISTERS_32, ScheduleTable.EMPTY));
  }

  @Test
  void tilesFollowOneAnotherDownOrAcross() {
    AnySchedule any = new AnySchedule(1);
    loops(DENSE, CpuTier.REGISTERS_16, any);
    ProductShape shape = any.given.tiles().keySet().iterator().next();
    String down =
        loops(
            DENSE,
            CpuTier.REGISTERS_16,
            ScheduleTable.EMPTY.with(shape, new ProductTile(4, 2, ProductTile.Walk.DOWN)));
    String across =
        loops(
            DENSE,
            CpuTier.REGISTERS_16,
            ScheduleTable.EMPTY.with(shape, new ProductTile(4, 2, ProductTile.Walk.ACROSS)));
    assertThat(down).contains("tile4x2").isNotEqualTo(across);
    assertThat(across).contains("tile4x2");
  }

  @Test
  void aConvolutionIsDoneAsTheTableSays() {
    Graph graph = GraphParser.graph(SQUARES);
    AnySchedule any = new AnySchedule(1);
    Passes.program(graph, any, Map.of(), WeightStorage.F32, new KernelTable(), Watcher.NONE);
    ConvolutionShape shape = any.given.ways().keySet().iterator().next();
    assertThat(shape).hasToString("convolution f32 2x5x9x6 filters 12 pads 1,0,1,2");
    for (ConvolutionWay way : ConvolutionWay.values()) {
      ScheduleTable table = ScheduleTable.EMPTY.with(shape, way);
      Graph done = FastConvolutions.choose(graph, Set.of("w"), MathMode.FAST, table);
      assertThat(done.equals(graph)).isEqualTo(way == ConvolutionWay.DIRECT);
    }
  }
}
