package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who writes a padded picture, and which of its places.
class PadsTest {
  private final KernelTable table = new KernelTable();

  /// A convolution of single places and a function, padded for a convolution of single channels.
  private static Graph net(
      String batch, String height, String low, String high, String interior, String padded) {
    List<String> sizes = List.of(padded.split(", ", -1));
    String shorter =
        "%s, %d"
            .formatted(String.join(", ", sizes.subList(0, 3)), Integer.parseInt(sizes.get(3)) - 2);
    return GraphParser.graph(
        """
        graph net(argument x %%x: f32[%1$s, 8, %2$s, 31], weight w %%w: f32[20, 8, 1, 1], weight v %%v: f32[%7$s, 1, 1, 3]) {
          %%c: f32[%1$s, 20, %2$s, 31] = conv(%%x, %%w) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = 1, accumulator = f32}
          %%r: f32[%1$s, 20, %2$s, 31] = relu(%%c)
          %%p: f32[%6$s] = pad(%%r) {low = [%3$s], high = [%4$s], interior = [%5$s], value = 0.5}
          %%y: f32[%8$s] = conv(%%p, %%v) {strides = [1, 1], padLow = [0, 0], padHigh = [0, 0], dilations = [1, 1], groups = %7$s, accumulator = f32}
          return argument y = %%y
        }
        """
            .formatted(batch, height, low, high, interior, padded, sizes.get(1), shorter));
  }

  @ParameterizedTest
  @CsvSource({
    "around a picture,      '0, 0, 1, 1', '0, 0, 1, 1', '0, 0, 0, 0', '2, 20, 7, 33', true, true",
    "unlike at its ends,    '0, 0, 2, 0', '0, 0, 1, 3', '0, 0, 0, 0', '2, 20, 8, 34', true, true",
    "more pictures,         '1, 0, 0, 0', '2, 0, 0, 1', '0, 0, 0, 0', '5, 20, 5, 32', true, true",
    "more channels,         '0, 3, 1, 0', '0, 2, 1, 0', '0, 0, 0, 0', '2, 25, 7, 31', false, true",
    "channels between them, '0, 0, 0, 0', '0, 0, 0, 0', '0, 1, 0, 0', '2, 39, 5, 31', false, false",
    "between the places,    '0, 0, 1, 0', '0, 0, 0, 2', '0, 0, 1, 2', '2, 20, 10, 93', true, false"
  })
  void aConvolutionWritesWhereAPadWantsItsResult(
      String where,
      String low,
      String high,
      String interior,
      String padded,
      boolean written,
      boolean border) {
    Graph graph = net("2", "5", low, high, interior, padded);
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    assertThat(isWrittenByAProduct(program, "p")).as(where).isEqualTo(written);
    long all = 1;
    for (String size : padded.split(", ", -1)) {
      all *= Long.parseLong(size);
    }
    assertThat(filled(program)).as(where).isEqualTo(border ? all - 2 * 20 * 5 * 31 : all);
    agrees(graph, program, Map.of());
  }

  @Test
  void sizesMayBeOpen() {
    Graph graph = net("N", "H", "0, 0, 1, 2", "0, 0, 3, 0", "0, 0, 0, 0", "N, 20, H + 4, 33");
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    assertThat(isWrittenByAProduct(program, "p")).isTrue();
    agrees(graph, program, Map.of("N", 2L, "H", 5L));
    agrees(graph, program, Map.of("N", 1L, "H", 1L));
  }

  @Test
  void whatTheCallerGetsIsPaddedInItsMemory() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[3, 5], state s %s: f32[5, 6]) {
              %t: f32[3, 5] = tanh(%x)
              %m: f32[3] = reduce(%t) {reducer = max, axes = [1], accumulator = f32}
              %w: f32[3, 5] = broadcast(%m) {axes = [0], shape = [3, 5]}
              %d: f32[3, 5] = sub(%t, %w)
              %p: f32[5, 6] = pad(%d) {low = [1, 0], high = [1, 1], interior = [0, 0], value = -2.0}
              %u: f32[3, 4] = slice(%s) {starts = [1, 2], sizes = [3, 4], steps = [1, 1]}
              %v: f32[5, 6] = pad(%u) {low = [2, 0], high = [0, 2], interior = [0, 0], value = 3.0}
              return argument y = %p, state s = %v
            }
            """);
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    assertThat(program.launches().stream().map(this::kernel).map(TileKernel::name))
        .as("the state is read while it is padded")
        .containsOnlyOnce("copy");
    agrees(graph, program, Map.of());
  }

  /// Whether a kernel that sums writes the buffer of this name.
  private boolean isWrittenByAProduct(Program program, String name) {
    return program.launches().stream()
        .filter(launch ->
            kernel(launch).body().stream().anyMatch(TileKernel.Definition.Reduce.class::isInstance))
        .anyMatch(launch ->
            kernel(launch).stores().stream()
                .map(store -> program.buffers().get(launch.buffers().get(store.buffer())).name())
                .anyMatch(name::equals));
  }

  /// How many places kernels write that write nothing else.
  private long filled(Program program) {
    return program.launches().stream()
        .map(this::kernel)
        .filter(kernel -> kernel.name().startsWith("fill"))
        .mapToLong(kernel -> {
          long places = kernel.stores().size();
          for (var axis : kernel.axes()) {
            places *= axis.extent().constant();
          }
          return places;
        })
        .sum();
  }

  private TileKernel kernel(Step.Launch launch) {
    return Objects.requireNonNull(table.kernels().get(launch.kernel()));
  }

  private void agrees(Graph graph, Program program, Map<String, Long> sizes) {
    Agreement agreement = Agreement.of(graph, sizes);
    for (CpuTier tier : CpuTier.values()) {
      List<LoopKernel> loops = table.kernels().stream().map(k -> Schedules.lower(k, tier)).toList();
      for (int lanes : tier == CpuTier.SCALAR ? List.of(1) : List.of(4, 16)) {
        agreement.check(
            "on %s with %d lanes".formatted(tier, lanes),
            1e-5,
            (arguments, kept) -> ProgramInterpreter.run(program, loops, lanes, 3, arguments, kept));
      }
    }
  }
}
