package dev.sinter.compiler.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.dsl.write.ModelWriter;
import dev.sinter.dsl.write.Written;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.passes.Passes;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.GraphInputs;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// ONNX models that are written as text give the answers that they give as they are.
class TextRoundTripTest {
  private static final String TESTS = "onnx-conformance/onnx-conformance-public.zip";

  private static final Tolerance CLOSE = new Tolerance(1e-4, 1e-5);

  private final Random random = new Random(1);

  private static ModelGraph read(Written written) {
    SourceSet sources =
        new Elaborator(warning -> {})
            .read(new SourceText("imported.sinter", written.text()), none -> Optional.empty());
    return new Elaborator(warning -> {}).elaborate(sources, written.model(), Map.of());
  }

  private static List<Tensor> run(
      ModelGraph model, List<Tensor> arguments, Map<String, Tensor> weights) {
    Graph graph = model.entries().getFirst();
    return Interpreter.rounding().run(graph, GraphInputs.of(graph, arguments, weights));
  }

  private static Map<String, Tensor> held(ModelGraph model) {
    Map<String, Tensor> held = new HashMap<>();
    for (ModelGraph.Parameter parameter : model.parameters()) {
      if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
        held.put(parameter.name(), tensor);
      }
    }
    return held;
  }

  private Tensor random(TensorType type) {
    long[] shape =
        type.shape().stream().mapToLong(d -> d.isConstant() ? d.constant() : 3).toArray();
    Tensor tensor = Tensor.zeros(type.dtype(), shape);
    for (long i = 0; i < tensor.size(); i++) {
      if (type.dtype().isFloat()) {
        tensor.setDouble(i, random.nextDouble());
      } else {
        tensor.setLong(i, random.nextInt(2));
      }
    }
    return tensor;
  }

  /// What differs once the model is written and read; empty where nothing does.
  private Optional<String> fault(ModelGraph model, boolean runs) {
    Written written = ModelWriter.write(Passes.tidied(model), List.of("Imported."));
    ModelGraph back = read(written);
    if (!runs) {
      return Optional.empty();
    }
    Graph graph = model.entries().getFirst();
    List<Tensor> arguments = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      if (graph.inputs().get(i).role() == Graph.Role.ARGUMENT) {
        arguments.add(random(graph.input(i).type()));
      }
    }
    List<Tensor> want = run(model, arguments, held(model));
    List<Tensor> got = run(back, arguments, written.weights());
    for (int i = 0; i < want.size(); i++) {
      Optional<String> fault = CLOSE.compare("output " + i, got.get(i), want.get(i)).fault();
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  private static Optional<ModelGraph> imported(TestSuite suite, int number) throws IOException {
    try {
      return Optional.of(
          OnnxImporter.read(
              OnnxReader.model(suite.read(number).model()),
              "Test",
              suite.name(number),
              new TensorData(suite.folder(number)),
              Map.of()));
    } catch (DiagnosticException e) {
      return Optional.empty();
    }
  }

  @Test
  void recordedTestsComeBack() throws IOException {
    List<String> wrong = new ArrayList<>();
    try (TestSuite suite = TestSuite.open(Repository.current().shared(TESTS))) {
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < suite.size(); i++) {
        numbers.add(i);
      }
      Collections.shuffle(numbers, new Random(2));
      for (int number : numbers.subList(0, Tier.current().cases(150, suite.size()))) {
        Optional<ModelGraph> model = imported(suite, number);
        if (model.isEmpty()) {
          continue;
        }
        // The large ones take minutes to interpret.
        Optional<String> fault = fault(model.get(), !suite.name(number).startsWith("light/"));
        fault.ifPresent(f -> wrong.add(suite.name(number) + ": " + f));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mnist", "ultraface-RFB-320"})
  void wholeNetworksComeBack(String name) throws IOException {
    Path file = Repository.current().shared("data/onnx-samples/" + name + ".onnx");
    ModelGraph model = OnnxImporter.read(file, name, Map.of());
    assertThat(model.entries().getFirst().input(0).type().shape()).allMatch(Dim::isConstant);
    assertThat(fault(model, name.equals("mnist"))).isEmpty();
  }
}
