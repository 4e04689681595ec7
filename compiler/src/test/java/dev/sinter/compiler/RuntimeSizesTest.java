package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sizes that data tells, compiled: results have their true size, and memory is that of the most.
class RuntimeSizesTest {
  /// The rows of `x` whose mark is positive, and what is computed of them.
  private static final Graph ROWS =
      GraphParser.graph(
          """
          graph forward(argument x %x: f32[N, 3], argument mark %mark: i64[N]) {
            %zero: i64[N] = fill() {dtype = i64, real = 0.0, integer = 0, shape = [N]}
            %chosen: bool[N] = gt(%mark, %zero)
            %ones: i64[N] = cast(%chosen) {dtype = i64}
            %count: i64[] = reduce(%ones) {reducer = sum, axes = [0], accumulator = i64}
            %order: i64[N], %places: i64[N] = sort(%ones)
            runtime_size(%count) {symbol = "?n", bound = N}
            %rows: f32[?n, 3] = comprehension(%x, %places) {axes = [%0 < ?n, %1 < 3], \
          body = $0[($1[%0]), %1]}
            %sum: f32[3] = reduce(%rows) {reducer = sum, axes = [0], accumulator = f32}
            %wide: f32[?n, 3] = broadcast(%sum) {axes = [1], shape = [?n, 3]}
            %all: f32[?n, 3] = sub(%rows, %wide)
            %twice: f32[2*?n, 3] = concat(%all, %rows) {axis = 0}
            %flat: f32[6*?n] = reshape(%twice) {shape = [6*?n]}
            %size: i64[] = comprehension() {axes = [], body = i64{6*?n}}
            return argument flat = %flat, argument sum = %sum, argument size = %size
          }
          """);

  @AfterEach
  void anyTier() {
    System.clearProperty(KernelTier.PROPERTY);
  }

  private static Model load(Graph graph) {
    ModelGraph model =
        new ModelGraph("m", List.of(), List.of(graph), Optional.empty(), Contracts.NONE);
    return new Compiler(CompileOptions.DEFAULT).compile(model).load(Map.of());
  }

  /// `rows` rows, of which every one is marked whose number leaves no remainder by `each`.
  private static Map<String, Tensor> inputs(int rows, int each) {
    Tensor x = Tensor.zeros(DType.F32, rows, 3);
    Tensor mark = Tensor.zeros(DType.I64, rows);
    for (int i = 0; i < x.size(); i++) {
      x.setDouble(i, i + 1);
    }
    for (int i = 0; i < rows; i++) {
      mark.setLong(i, each > 0 && i % each == 0 ? 1 : -1);
    }
    return Map.of("x", x, "mark", mark);
  }

  private static void compare(Graph graph, Session session, Map<String, Tensor> inputs) {
    Map<Graph.Output, Tensor> expected = Interpreter.rounding().run(graph, inputs);
    Map<String, Tensor> actual = session.run(inputs);
    expected.forEach((output, tensor) -> {
      Tensor result = Objects.requireNonNull(actual.get(output.name()));
      assertThat(result.shape()).as(output.name()).isEqualTo(tensor.shape());
      assertThat(result.toDoubleArray()).as(output.name()).isEqualTo(tensor.toDoubleArray());
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void oneJarServesEverySizeAndEveryCount(String tier) {
    System.setProperty(KernelTier.PROPERTY, tier);
    try (Model model = load(ROWS);
        Session session = model.session(2)) {
      for (int rows : new int[] {1, 5, 40, 5}) {
        for (int each : new int[] {1, 0, 2, 7}) {
          compare(ROWS, session, inputs(rows, each));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "scalar"})
  void aLoopTellsANewSizeInEachTurn(String tier) {
    Graph graph =
        GraphParser.graph(
            """
            graph forward(argument x %x: f32[8], argument c %c: i64[K]) {
              %s: f32[K], %n: i64[K] = scan(%c, %x) {steps = K, carried = 0, walked = 1}
                region(%turn: i32[], %c: i64[], %x: f32[8]) {
                  %less: i64[] = cast(%turn) {dtype = i64}
                  %d: i64[] = sub(%c, %less)
                  runtime_size(%d) {symbol = "?n", bound = 8}
                  %y: f32[?n] = comprehension(%x) {axes = [%0 < ?n], body = $0[%0]}
                  %z: f32[?n] = exp(%y)
                  %s: f32[] = reduce(%y) {reducer = sum, axes = [0], accumulator = f32}
                  %n: i64[] = comprehension() {axes = [], body = i64{?n}}
                  return %s, %n
                }
              return argument s = %s, argument n = %n
            }
            """);
    System.setProperty(KernelTier.PROPERTY, tier);
    Tensor counts = Tensor.zeros(DType.I64, 5);
    for (int i = 0; i < 5; i++) {
      counts.setLong(i, new long[] {3, 9, 2, 11, 5}[i]);
    }
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 8);
    try (Model model = load(graph);
        Session session = model.session(1)) {
      compare(graph, session, Map.of("x", x, "c", counts));
    }
  }

  @Test
  void aSecondCallAllocatesNothing() {
    // Vectors are objects until the JIT has compiled what computes with them.
    System.setProperty(KernelTier.PROPERTY, "scalar");
    try (Model model = load(ROWS);
        Session session = model.session(1)) {
      Map<String, Tensor> inputs = inputs(12, 3);
      Map<String, Tensor> outputs = session.run(inputs);
      long bytes = session.arenaBytes();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int attempt = 0; attempt < 20; attempt++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 200; i++) {
          session.run("forward", inputs, outputs);
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertThat(least).isLessThan(500);
      // Of the same sizes, so in the same memory, whatever data tells.
      session.run(inputs(12, 1));
      assertThat(session.arenaBytes()).isEqualTo(bytes);
    }
  }
}
