package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The architectures that everybody knows, small: what is compiled agrees with the interpreter, and
/// trainings lower their losses on a batch that they see again and again.
class CanonTest {
  private static final double CLOSE = 1e-4;
  private static final int TURNS = 12;

  /// Adam makes a step of what is zero but for rounding, so steps are compared with this in its
  /// place.
  private static final String PLAIN =
      """

      optimizer Plain(lr: f32[], beta1: float = 0.9, beta2: float = 0.999, weight_decay: float = 0.01) {
        fn (p: f32[..S], g: f32[..S]) -> f32[..S] = p - lr * g
      }
      """;

  private final RandomArguments random = new RandomArguments(1);

  private static String text(String sample) throws IOException {
    Path file = Repository.current().file("samples/canon/" + sample + ".sinter");
    return Files.readString(file).replaceAll("AdamW?\\(", "Plain(") + PLAIN;
  }

  private static SourceSet sources(String sample) throws IOException {
    return new Elaborator(warning -> {})
        .read(new SourceText(sample + ".sinter", text(sample)), none -> Optional.empty());
  }

  private Map<String, Tensor> arguments(Graph graph, long batch) {
    Map<String, Tensor> arguments = new LinkedHashMap<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      if (input.role() == Graph.Role.ARGUMENT) {
        arguments.put(
            input.name(),
            input.name().equals("iteration")
                ? Tensor.of(new int[] {1})
                : random.tensor(graph.input(i).type(), batch));
      }
    }
    return arguments;
  }

  /// The first values of all parameters; states whose sizes the caller says are zeros.
  private static Map<String, Tensor> values(
      ModelGraph model, Map<String, Tensor> weights, long batch) {
    Map<String, Tensor> values = new HashMap<>();
    for (ModelGraph.Parameter parameter : model.parameters()) {
      Tensor first = weights.get(parameter.name());
      values.put(
          parameter.name(),
          first != null
              ? first
              : Tensor.zeros(
                  parameter.type().dtype(), RandomArguments.shape(parameter.type(), batch)));
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "mlp, Mlp, Fit",
    "alexnet, AlexNet, Pictures",
    "vgg, VggNet, Pictures",
    "resnet, ResNet, Pictures",
    "efficientnet, EfficientNet, Pictures",
    "recurrent, RnnClassifier, FitRnn",
    "recurrent, GruClassifier, FitGru",
    "recurrent, LstmClassifier, FitLstm",
    "transformer, Transformer, Copy",
    "bert, Bert, Masked",
    "gpt, Gpt, Text",
    "vit, Vit, Pictures",
    "gan, Generator, Gan",
    "diffusion, UNet, Diffuse",
  })
  void compilesAgreesAndLearns(String sample, String model, String training) throws IOException {
    Assumptions.assumeTrue(
        Tier.current() == Tier.FULL || List.of("mlp", "vgg", "gpt").contains(sample),
        "in -Pfull only");
    SourceSet sources = sources(sample);
    for (String name : List.of(model, training)) {
      ModelGraph graph = new Elaborator(warning -> {}).elaborate(sources, name, Map.of());
      CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(graph);
      agrees(compiled, Differentiate.differentiate(graph));
      if (graph.training().isPresent()) {
        learns(compiled, graph, graph.training().get());
      }
    }
  }

  private void agrees(CompiledModel compiled, ModelGraph graph) {
    Map<String, Tensor> weights = compiled.initialWeights(3);
    for (long batch : new long[] {1, 5}) {
      InterpretedSession expected = new InterpretedSession(graph, values(graph, weights, batch));
      try (Model model = compiled.load(weights);
          Session session = model.session(2)) {
        for (Graph entry : graph.entries()) {
          for (int call = 0; call < 2; call++) {
            expected.compare(session, entry.name(), arguments(entry, batch), CLOSE);
          }
        }
      }
    }
  }

  /// Steps of a GAN are turned by turns, so the loss of the first is looked at.
  private void learns(CompiledModel compiled, ModelGraph graph, Training training) {
    Graph step = graph.entry(training.steps().getFirst().entry()).orElseThrow();
    Map<String, Tensor> batch = arguments(step, training.batchSize());
    try (Model model = compiled.load(3);
        Session session = model.session(1)) {
      double first = 0;
      double last = 0;
      for (int turn = 1; turn <= TURNS; turn++) {
        if (batch.containsKey("iteration")) {
          batch.put("iteration", Tensor.of(DType.I32, new double[] {turn}));
        }
        Tensor loss = Objects.requireNonNull(session.run(step.name(), batch).get("loss"));
        last = loss.getDouble(0);
        first = turn == 1 ? last : first;
      }
      assertThat(last).isLessThan(first);
    }
  }
}
