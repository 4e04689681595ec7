package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.FolderLoader;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.OnnxRuntimePeer;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The samples as ONNX files: Sinter's importer and ONNX Runtime answer what the samples' own text
/// means, for two sizes of the batch.
class OnnxExportTest {
  private static final double CLOSE = 1e-4;
  private static final String EXPORTED =
      """
      canon/mlp, Mlp
      canon/gpt, Gpt
      """;

  private final RandomArguments random = new RandomArguments(1);
  @TempDir private Path folder = Path.of("");

  private static ModelGraph model(String sample, String name) throws IOException {
    Path file = Repository.current().file("samples/" + sample + ".sinter");
    Elaborator elaborator = new Elaborator(warning -> {});
    SourceSet sources =
        elaborator.read(
            FolderLoader.read(file), new FolderLoader(Objects.requireNonNull(file.getParent())));
    return elaborator.elaborate(sources, name, Map.of());
  }

  /// A call of an entry: what goes in by the graph's names and the file's, and what comes out.
  private record Call(Map<String, Tensor> all, List<Tensor> given, List<Tensor> results) {}

  private Call call(ModelGraph model, Graph entry, OnnxExport export, long batch)
      throws IOException {
    Map<String, Tensor> all =
        new HashMap<>(FirstValues.of(model, export.saved(), CompileOptions.DEFAULT));
    List<Tensor> given = new ArrayList<>();
    List<String> changed =
        entry.outputs().stream()
            .filter(o -> o.role() == Graph.Role.STATE)
            .map(Graph.Output::name)
            .toList();
    for (Graph.Role role : List.of(Graph.Role.ARGUMENT, Graph.Role.STATE)) {
      for (int i = 0; i < entry.inputs().size(); i++) {
        Graph.Input input = entry.inputs().get(i);
        boolean comesIn =
            role == Graph.Role.ARGUMENT
                || changed.contains(input.name())
                || !all.containsKey(input.name());
        if (input.role() == role && comesIn) {
          Tensor tensor = random.tensor(entry.input(i).type(), batch);
          all.put(input.name(), tensor);
          given.add(tensor);
        }
      }
    }
    Map<Graph.Output, Tensor> results = new LinkedHashMap<>();
    Interpreter.rounding().run(Differentiate.differentiate(entry), all).forEach(results::put);
    return new Call(
        all,
        given,
        entry.outputs().stream().map(o -> Objects.requireNonNull(results.get(o))).toList());
  }

  private static Map<String, Tensor> named(List<String> names, List<Tensor> tensors) {
    assertThat(names).hasSameSizeAs(tensors);
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      named.put(names.get(i), tensors.get(i));
    }
    return named;
  }

  private static void close(String reader, List<Tensor> expected, List<Tensor> actual) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int output = 0; output < expected.size(); output++) {
      Tensor want = expected.get(output);
      Tensor got = actual.get(output);
      assertThat(got.type()).as(reader).isEqualTo(want.type());
      double range = 0;
      for (long i = 0; i < want.size(); i++) {
        range = Math.max(range, Math.abs(want.getDouble(i)));
      }
      for (long i = 0; i < want.size(); i++) {
        double error = Math.abs(got.getDouble(i) - want.getDouble(i));
        assertThat(error)
            .as("%s, output %d at %d: %s", reader, output, i, want.getDouble(i))
            .isLessThanOrEqualTo(CLOSE * range);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "canon/mlp, Mlp",
    "canon/alexnet, AlexNet",
    "canon/vgg, VggNet",
    "canon/resnet, ResNet",
    "canon/efficientnet, EfficientNet",
    "canon/recurrent, RnnClassifier",
    "canon/recurrent, GruClassifier",
    "canon/recurrent, LstmClassifier",
    "canon/transformer, Transformer",
    "canon/bert, Bert",
    "canon/gpt, Gpt",
    "canon/vit, Vit",
    "canon/gan, Generator",
    "canon/gan, Critic",
    "canon/diffusion, UNet",
    "digits/digits, Digits",
    "mnist/mlp, Mlp",
    "mnist/lenet, LeNet",
    "charlm/charlm, CharLm",
    "rnn/rnn, Rows",
  })
  void readersAnswerWhatTheTextMeans(String sample, String name) throws IOException {
    Assumptions.assumeTrue(
        Tier.current() == Tier.FULL || EXPORTED.contains(sample + ", " + name), "in -Pfull only");
    ModelGraph model = model(sample, name);
    for (Graph entry : model.entries()) {
      OnnxExport export = OnnxExport.of(model, entry, CompileOptions.DEFAULT);
      Path file = folder.resolve(name + "-" + entry.name() + ".onnx");
      assertThat(export.write(file)).isEqualTo(Optional.empty());
      List<String> inputs = export.model().graph().inputs().stream().map(i -> i.name()).toList();
      ModelGraph again = OnnxImporter.read(file, "Again", Map.of());
      for (long batch : new long[] {1, 5}) {
        Call call = call(model, entry, export, batch);
        Map<String, Tensor> given = named(inputs, call.given());
        close("the importer", call.results(), imported(again, given));
        // Its Java interface takes no random key.
        boolean key = given.values().stream().anyMatch(t -> t.dtype() == DType.U32);
        if (Tier.current() == Tier.FULL && !key) {
          try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(file)) {
            close("ONNX Runtime", call.results(), List.copyOf(peer.run(given).values()));
          }
        }
      }
    }
  }

  private static List<Tensor> imported(ModelGraph model, Map<String, Tensor> given) {
    Map<String, Tensor> all = new HashMap<>(given);
    for (ModelGraph.Parameter parameter : model.parameters()) {
      if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
        all.put(parameter.name(), tensor);
      }
    }
    Graph graph = model.entries().getFirst();
    Map<String, Tensor> results = new HashMap<>();
    Interpreter.rounding().run(graph, all).forEach((o, value) -> results.put(o.name(), value));
    return graph.outputs().stream()
        .map(o -> Objects.requireNonNull(results.get(o.name())))
        .toList();
  }
}
