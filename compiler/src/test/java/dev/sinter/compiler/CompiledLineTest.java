package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.ModelGraph;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
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

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void aPerceptronForAnyNumberOfRows(String tier) {
    System.setProperty(KernelTier.PROPERTY, tier);
    CompiledModel compiled = compile(SampleGraphs.mlp());
    Map<String, Tensor> weights = compiled.initialWeights(7);
    InterpretedSession expected = new InterpretedSession(compiled.graph(), weights);
    try (Model model = compiled.load(weights);
        Session session = model.session(2)) {
      for (int rows : new int[] {1, 2, 3, 17, 64, 3}) {
        expected.compare(session, "forward", Map.of("x", random(rows, 20)), CLOSE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void aTrainingStepInPlace(String tier) {
    System.setProperty(KernelTier.PROPERTY, tier);
    CompiledModel compiled = compile(SampleGraphs.step());
    Map<String, Tensor> weights = compiled.initialWeights(7);
    InterpretedSession expected =
        new InterpretedSession(compiled.graph(), weightsAndSlots(weights));
    try (Model model = compiled.load(weights);
        Session session = model.session(2)) {
      for (int rows : new int[] {8, 8, 3}) {
        Map<String, Tensor> batch = Map.of("x", random(rows, 12), "y", random(rows, 5));
        expected.compare(session, "train", batch, CLOSE);
        expected.compare(session, "predict", Map.of("x", random(rows, 12)), CLOSE);
      }
    }
  }

  private static Map<String, Tensor> weightsAndSlots(Map<String, Tensor> weights) {
    return Map.of(
        "w",
        Objects.requireNonNull(weights.get("w")),
        "w.velocity",
        Tensor.zeros(DType.F32, 12, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"32", "16", "scalar"})
  void aScanOfAnyLength(String tier) {
    System.setProperty(KernelTier.PROPERTY, tier);
    CompiledModel compiled = compile(SampleGraphs.recurrent());
    Map<String, Tensor> weights = compiled.initialWeights(7);
    InterpretedSession expected = new InterpretedSession(compiled.graph(), weights);
    try (Model model = compiled.load(weights);
        Session session = model.session(2)) {
      for (int steps : new int[] {1, 4, 9}) {
        expected.compare(
            session, "forward", Map.of("x", random(steps, 3, 6), "h", random(3, 9)), CLOSE);
      }
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
