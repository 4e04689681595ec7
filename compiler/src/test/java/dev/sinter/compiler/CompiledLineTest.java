package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.DimParser;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Graphs go through the whole line and give the interpreter's answers.
class CompiledLineTest {
  private static final double CLOSE = 1e-5;

  @TempDir Path folder;

  private final Random random = new Random(1);

  @AfterEach
  void anyTier() {
    System.clearProperty(KernelTier.PROPERTY);
  }

  private Tensor random(long... shape) {
    Tensor tensor = Tensor.zeros(DType.F32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextGaussian());
    }
    return tensor;
  }

  private static CompiledModel compile(ModelGraph graph) {
    return new Compiler(CompileOptions.DEFAULT).compile(graph);
  }

  /// Loads a model with the kernels of `tier` and compares it with the interpreter in `calls`.
  ///
  /// @param slots states that begin otherwise than as the model's weights do
  private static void beside(
      String tier,
      ModelGraph graph,
      Map<String, Tensor> slots,
      BiConsumer<InterpretedSession, Session> calls) {
    System.setProperty(KernelTier.PROPERTY, tier);
    CompiledModel compiled = compile(graph);
    Map<String, Tensor> weights = compiled.initialWeights(7);
    Map<String, Tensor> kept = new HashMap<>(weights);
    kept.putAll(slots);
    InterpretedSession expected = new InterpretedSession(compiled.graph(), kept);
    try (Model model = compiled.load(weights);
        Session session = model.session(2)) {
      calls.accept(expected, session);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void aPerceptronForAnyNumberOfRows(String tier) {
    beside(
        tier,
        SampleGraphs.mlp(),
        Map.of(),
        (expected, session) -> {
          for (int rows : new int[] {1, 2, 3, 17, 64, 3}) {
            expected.compare(session, "forward", Map.of("x", random(rows, 20)), CLOSE);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void aTrainingStepInPlace(String tier) {
    beside(
        tier,
        SampleGraphs.step(),
        Map.of("w.velocity", Tensor.zeros(DType.F32, 12, 5)),
        (expected, session) -> {
          for (int rows : new int[] {8, 8, 3}) {
            Map<String, Tensor> batch = Map.of("x", random(rows, 12), "y", random(rows, 5));
            expected.compare(session, "train", batch, CLOSE);
            expected.compare(session, "predict", Map.of("x", random(rows, 12)), CLOSE);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void aScanOfAnyLength(String tier) {
    beside(
        tier,
        SampleGraphs.recurrent(),
        Map.of(),
        (expected, session) -> {
          for (int steps : new int[] {1, 4, 9}) {
            expected.compare(
                session, "forward", Map.of("x", random(steps, 3, 6), "h", random(3, 9)), CLOSE);
          }
        });
  }

  private static CompiledModel compileText(String... parameters) {
    String text = parameters[0];
    List<ModelGraph.Parameter> states =
        Stream.of(parameters)
            .skip(1)
            .map(type ->
                new ModelGraph.Parameter(
                    "s",
                    new TensorType(DType.F32, List.of(DimParser.parse(type))),
                    new Initializer.Fill(0),
                    ModelGraph.Kind.STATE))
            .toList();
    return compile(
        new ModelGraph(
            "m", states, List.of(GraphParser.graph(text)), Optional.empty(), Contracts.NONE));
  }

  /// Each thread has its own scores, so that they are the same however many threads there are.
  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void attentionBlockByBlockOnAnyNumberOfThreads(String tier) {
    System.setProperty(KernelTier.PROPERTY, tier);
    CompiledModel compiled =
        compileText(
            """
            graph attend(argument q %q: f32[N, 3, T, 8], argument k %k: f32[N, 3, S, 8], argument v %v: f32[N, 3, S, 20]) {
              %y: f32[N, 3, T, 20], %s: f32[N, 3, T] = attention(%q, %k, %v) {causal = false, masked = false, scale = 0.35}
              return argument y = %y
            }
            """);
    InterpretedSession expected = new InterpretedSession(compiled.graph(), Map.of());
    try (Model model = compiled.load(Map.of());
        Session one = model.session(1);
        Session two = model.session(2);
        Session five = model.session(5)) {
      for (int queries : new int[] {70, 1, 64, 150}) {
        Map<String, Tensor> inputs =
            Map.of(
                "q", random(2, 3, queries, 8), "k", random(2, 3, 37, 8), "v", random(2, 3, 37, 20));
        expected.compare(one, "attend", inputs, CLOSE);
        Tensor answer = one.run("attend", inputs).get("y");
        for (Session session : List.of(two, five)) {
          assertThat(Objects.requireNonNull(session.run("attend", inputs).get("y")).toDoubleArray())
              .containsExactly(Objects.requireNonNull(answer).toDoubleArray());
        }
      }
    }
  }

  @Test
  void aStateTellsASizeThatNoInputDoes() {
    CompiledModel compiled =
        compileText(
            """
            graph step(state s %s: f32[2*L], argument x %x: f32[]) {
              %more: f32[2*L] = broadcast(%x) {axes = [], shape = [2*L]}
              %sum: f32[2*L] = add(%s, %more)
              return argument y = %sum, state s = %sum
            }
            """,
            "2*L");
    Map<String, Tensor> one = Map.of("x", Tensor.of(DType.F32, new double[] {1}));
    try (Model model = compiled.load(Map.of());
        Session session = model.session(1)) {
      assertThatThrownBy(() -> session.run(one))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "state s has no value yet, and no input of step tells L: set the state first");
      for (int size : new int[] {4, 6}) {
        session.setState("s", Tensor.zeros(DType.F32, size));
        for (int call = 1; call <= 3; call++) {
          Tensor y = Objects.requireNonNull(session.run(one).get("y"));
          assertThat(y.shape()).containsExactly(size);
          assertThat(y.toDoubleArray()).containsOnly(call);
        }
      }
      session.setState("s", Tensor.zeros(DType.F32, 3));
      assertThatThrownBy(() -> session.run(one))
          .isInstanceOf(ShapeException.class)
          .hasMessage("dim 0 of state s is 2*L, which 3 is not: no multiple of 2");
    }
  }

  @Test
  void anInputTellsTheSymbolsThatItsSizesAreMadeOf() {
    CompiledModel compiled =
        compileText(
            """
            graph pairs(argument x %x: f32[2*N + 1, N*M]) {
              %y: f32[2*N + 1, N, M] = reshape(%x) {shape = [2*N + 1, N, M]}
              return argument y = %y
            }
            """);
    try (Model model = compiled.load(Map.of());
        Session session = model.session(1)) {
      Tensor y = session.run(Map.of("x", random(7, 12))).get("y");
      assertThat(Objects.requireNonNull(y).shape()).containsExactly(7, 3, 4);
      assertThatThrownBy(() -> session.run(Map.of("x", random(6, 12))))
          .isInstanceOf(ShapeException.class)
          .hasMessage("dim 0 of x is 2*N + 1, which 6 is for no N");
      assertThatThrownBy(() -> session.run(Map.of("x", random(7, 13))))
          .isInstanceOf(ShapeException.class)
          .hasMessage("dim 1 of x is M*N, which 13 is for no M");
      assertThatThrownBy(() -> session.run(Map.of("x", random(1, 1))))
          .isInstanceOf(ShapeException.class)
          .hasMessage("dim 1 of x is M*N, which 1 is for no M");
    }
  }

  @Test
  void aSizeThatNothingTellsIsRefused() {
    assertThatThrownBy(() ->
            compileText(
                """
                graph lost(argument x %x: f32[N*M]) {
                  %y: f32[N*M] = neg(%x)
                  return argument y = %y
                }
                """))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("no argument and no state of `lost` tells the size M, N");
  }

  @Test
  void sortedRowsGoOutAndStayInAState() {
    CompiledModel compiled =
        compileText(
            """
            graph sorted(state s %s: f32[5], argument x %x: f32[N, 3]) {
              %v: f32[N, 3], %p: i64[N, 3] = sort(%x)
              %t: f32[5], %q: i64[5] = sort(%s)
              return argument v = %v, argument p = %p, argument q = %q, state s = %t
            }
            """,
            "5");
    try (Model model = compiled.load(Map.of());
        Session session = model.session(2)) {
      session.setState("s", Tensor.of(DType.F32, new double[] {3, 1, 4, 1, 5}, 5));
      Tensor x = Tensor.of(DType.F32, new double[] {1, 2, 3, 7, 9, 8, 5, Double.NaN, 5}, 3, 3);
      Map<String, Tensor> answer = session.run(Map.of("x", x));
      assertThat(Objects.requireNonNull(answer.get("v")).toDoubleArray())
          .containsExactly(3, 2, 1, 9, 8, 7, Double.NaN, 5, 5);
      assertThat(Objects.requireNonNull(answer.get("p")).toLongArray())
          .containsExactly(2, 1, 0, 1, 2, 0, 1, 0, 2);
      assertThat(Objects.requireNonNull(answer.get("q")).toLongArray())
          .containsExactly(4, 2, 0, 1, 3);
      assertThat(session.state("s").toDoubleArray()).containsExactly(5, 4, 3, 1, 1);
    }
  }

  @Test
  void aJarAnswersAsTheModelInMemoryDoes() throws IOException {
    CompiledModel compiled = compile(SampleGraphs.mlp());
    Map<String, Tensor> weights = compiled.initialWeights(7);
    Path jar = folder.resolve("mlp.jar");
    compiled.write(jar, weights, CompileOptions.DEFAULT);
    Map<String, Tensor> inputs = Map.of("x", random(5, 20));
    try (Model inMemory = compiled.load(weights);
        Session one = inMemory.session(1);
        Model loaded = Model.load(jar);
        Session other = loaded.session(1)) {
      Tensor expected = Objects.requireNonNull(one.run("forward", inputs).get("class"));
      Tensor answer = Objects.requireNonNull(other.run("forward", inputs).get("class"));
      assertThat(answer.contentEquals(expected)).isTrue();
    }
    Path again = folder.resolve("again.jar");
    compile(SampleGraphs.mlp()).write(again, weights, CompileOptions.DEFAULT);
    assertThat(again).hasSameBinaryContentAs(jar);
    assertThat(folder.resolve("mlp-sources.jar"))
        .hasSameBinaryContentAs(folder.resolve("again-sources.jar"));
  }

  @Test
  void theStagesAreWrittenInTheirOrder() throws IOException {
    CompileOptions options = CompileOptions.DEFAULT.withDumpDir(folder.resolve("dump"));
    new Compiler(options).compile(SampleGraphs.mlp());
    try (Stream<Path> files = Files.list(folder.resolve("dump"))) {
      List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();
      assertThat(names.getFirst()).isEqualTo("00-graph.txt");
      assertThat(names).anyMatch(name -> name.endsWith("-programs.txt")).contains("sources");
    }
    assertThat(folder.resolve("dump/sources/sinter/models/mlp/MlpProgram.java")).isRegularFile();
  }
}
