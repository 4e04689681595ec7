package dev.sinter.dsl.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.dsl.Text;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Closeness;
import dev.sinter.testkit.GraphInputs;
import dev.sinter.testkit.RandomGraphs;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is written is read again, and gives the same answers.
class ModelWriterTest {
  private static ModelGraph model(Graph... entries) {
    return new ModelGraph(
        "my net-2", List.of(), List.of(entries), Optional.empty(), Contracts.NONE);
  }

  /// The same graph, all of whose inputs are given and all of whose outputs are returned.
  private static Graph open(Graph graph) {
    List<Graph.Input> inputs = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      inputs.add(new Graph.Input("x" + i, Graph.Role.ARGUMENT));
    }
    List<Graph.Output> outputs = new ArrayList<>();
    for (int i = 0; i < graph.outputs().size(); i++) {
      outputs.add(new Graph.Output("y" + i, Graph.Role.ARGUMENT));
    }
    return new Graph("forward", inputs, outputs, graph.body(), graph.facts());
  }

  private static ModelGraph read(Written written) {
    return Text.of(written.text()).elaborate(written.model());
  }

  private static List<Tensor> run(Graph graph, List<Tensor> inputs) {
    return Interpreter.rounding().run(graph, inputs);
  }

  @Test
  void randomGraphsComeBack() {
    List<DType> floats = List.of(DType.F32, DType.F64, DType.F16, DType.BF16);
    for (int seed = 0; seed < Tier.current().cases(80, 6000); seed++) {
      RandomGraphs.Sample sample =
          RandomGraphs.sample(
              seed,
              new RandomGraphs.Options(
                  12,
                  false,
                  floats.get(seed % floats.size()),
                  op -> !op.equals("runtime_size") && !op.equals("gradient")));
      Graph graph = open(sample.graph());
      Written written = ModelWriter.write(model(graph), List.of());
      Graph back = read(written).entries().getFirst();
      List<Tensor> got = run(back, GraphInputs.of(back, sample.inputs(), written.weights()));
      // Where a function jumps, the bound of its rounding says nothing; then they are the same.
      if (Closeness.fault(graph, sample.inputs(), got).isPresent()) {
        assertThat(texts(got))
            .as("seed %d\n%s", seed, written.text())
            .isEqualTo(texts(run(graph, sample.inputs())));
      }
    }
  }

  private static List<String> texts(List<Tensor> tensors) {
    return tensors.stream()
        .map(t -> t.type() + java.util.Arrays.toString(t.toDoubleArray()))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "canon/mlp", "canon/alexnet", "canon/vgg", "canon/resnet", "canon/efficientnet",
        "canon/recurrent", "canon/transformer", "canon/bert", "canon/gpt", "canon/vit",
        "canon/gan", "canon/diffusion", "charlm/charlm", "rnn/rnn"
      })
  void samplesComeBack(String sample) throws IOException {
    Text text =
        Text.of(Files.readString(Repository.current().file("samples/" + sample + ".sinter")));
    for (String name : text.names()) {
      ModelGraph model = text.elaborate(name);
      if (model.training().isEmpty()) {
        comesBack(model);
      }
    }
  }

  private static void comesBack(ModelGraph model) {
    Written written = ModelWriter.write(model, List.of("As it was read."));
    ModelGraph back = read(written);
    assertThat(back.parameters()).hasSameSizeAs(model.parameters());
    for (int entry = 0; entry < model.entries().size(); entry++) {
      Graph graph = model.entries().get(entry);
      Random random = new Random(entry);
      Bindings sizes = sizes(graph);
      Map<String, Tensor> kept = new HashMap<>();
      List<Tensor> arguments = new ArrayList<>();
      List<Tensor> inputs = new ArrayList<>();
      for (int i = 0; i < graph.inputs().size(); i++) {
        Graph.Input input = graph.inputs().get(i);
        Tensor tensor = random(graph.input(i).type(), sizes, random);
        inputs.add(tensor);
        if (input.role() == Graph.Role.ARGUMENT) {
          arguments.add(tensor);
        } else {
          kept.put(written.names().getOrDefault(input.name(), input.name()), tensor);
        }
      }
      kept.putAll(written.weights());
      Graph other = back.entries().get(entry);
      Map<String, Tensor> want = byName(graph, run(graph, inputs), written.names());
      Map<String, Tensor> got =
          byName(other, run(other, GraphInputs.of(other, arguments, kept)), Map.of());
      assertThat(got.keySet()).isEqualTo(want.keySet());
      want.forEach((name, tensor) -> {
        double[] values = java.util.Objects.requireNonNull(got.get(name)).toDoubleArray();
        double[] expected = tensor.toDoubleArray();
        for (int i = 0; i < expected.length; i++) {
          assertThat(values[i])
              .as("%s[%d]\n%s", name, i, written.text())
              .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-5));
        }
      });
    }
  }

  /// Results by number, states by name.
  private static Map<String, Tensor> byName(
      Graph graph, List<Tensor> results, Map<String, String> names) {
    Map<String, Tensor> out = new TreeMap<>();
    for (int i = 0; i < results.size(); i++) {
      Graph.Output output = graph.outputs().get(i);
      out.put(
          output.role() == Graph.Role.STATE
              ? names.getOrDefault(output.name(), output.name())
              : "result " + i,
          results.get(i));
    }
    return out;
  }

  /// Sizes for which all that the entry says of them holds.
  private static Bindings sizes(Graph graph) {
    TreeSet<String> symbols = new TreeSet<>();
    graph.body().params().forEach(p -> p.type().shape().forEach(d -> symbols.addAll(d.symbols())));
    for (long size = 3; size < 200; size++) {
      Map<String, Long> sizes = new HashMap<>();
      for (String symbol : symbols) {
        sizes.put(symbol, size);
      }
      Bindings bindings = new Bindings(sizes);
      boolean fits =
          graph.facts().facts().stream()
              .allMatch(fact ->
                  !(fact instanceof Facts.Fact.AtLeast(Dim left, Dim right))
                      || bindings.evaluate(left) >= bindings.evaluate(right));
      if (fits) {
        return bindings;
      }
    }
    throw new AssertionError("no sizes fit " + graph.facts());
  }

  private static Tensor random(TensorType type, Bindings sizes, Random random) {
    Tensor tensor = Tensor.zeros(type.dtype(), sizes.shape(type.shape()));
    for (long i = 0; i < tensor.size(); i++) {
      if (type.dtype().isFloat()) {
        tensor.setDouble(i, 0.1 + 0.3 * random.nextDouble());
      } else {
        tensor.setLong(i, random.nextInt(3));
      }
    }
    return tensor;
  }

  /// `y = relu(x * w + 1)`, with the names given.
  private static Graph named(String x, String h, String y) {
    GraphBuilder b = new GraphBuilder();
    TensorType type = new TensorType(DType.F32, List.of(Dim.symbol("batch_size"), Dim.of(3)));
    Value in = b.parameter(type, x);
    b.named(h);
    Value sum = b.add(Pointwise.ADD, b.add(Pointwise.MUL, in, in), b.fill(type, 1));
    Region body = b.region(List.of(b.add(Pointwise.RELU, sum), sum));
    return new Graph(
        "forward",
        List.of(new Graph.Input(x, Graph.Role.ARGUMENT)),
        List.of(
            new Graph.Output(y, Graph.Role.ARGUMENT), new Graph.Output("17", Graph.Role.ARGUMENT)),
        body,
        Facts.NONE);
  }

  @Test
  void namesAreThoseOfTheModelAsFarAsTheLanguageHasThem() {
    Written written =
        ModelWriter.write(model(named("input.1", "/a/Add_output_0", "class:0")), List.of("Hello."));
    assertThat(written.text())
        .isEqualTo(
            """
            /// Hello.
            model MyNet2 {
              fn (input_1: f32[BatchSize, 3]) -> (class_0: f32[BatchSize, 3], y_17: f32[BatchSize, 3]) {
                add_1 = input_1 ** 2 + 1.0
                return (relu(add_1), add_1)
              }
            }
            """);
  }

  @Test
  void namesThatTheLanguageTakesForItselfGetANumber() {
    Written written = ModelWriter.write(model(named("return", "relu", "where")), List.of());
    assertThat(written.text()).contains("return_1: f32[").contains("where_1: f32[");
    assertThat(read(written).name()).isEqualTo("MyNet2");
  }

  @Test
  void constantsOfManyElementsBecomeWeights() {
    GraphBuilder b = new GraphBuilder();
    float[] numbers = new float[20];
    java.util.Arrays.fill(numbers, 0.5f);
    Value x = b.parameter(TensorType.of(DType.F32, 20), "x");
    Value many = b.add(new dev.sinter.ir.op.Constant(Tensor.of(numbers, 20)));
    Value few =
        b.add(
            new dev.sinter.ir.op.Constant(
                Tensor.of(new float[] {1, Float.NaN, Float.NEGATIVE_INFINITY}, 3)));
    Graph graph =
        new Graph(
            "forward",
            List.of(new Graph.Input("x", Graph.Role.ARGUMENT)),
            List.of(
                new Graph.Output("y", Graph.Role.ARGUMENT),
                new Graph.Output("z", Graph.Role.ARGUMENT)),
            b.region(List.of(b.add(Pointwise.ADD, x, many), few)),
            Facts.NONE);
    Written written = ModelWriter.write(model(graph), List.of());
    assertThat(written.weights()).containsOnlyKeys("constant");
    assertThat(written.text())
        .contains("param constant: f32[20] = zeros()")
        .contains("[1.0, nan, -inf] :> f32[3]");
    Graph back = read(written).entries().getFirst();
    assertThat(
            texts(
                    run(
                        back,
                        GraphInputs.of(back, List.of(Tensor.of(numbers, 20)), written.weights())))
                .getLast())
        .endsWith("[1.0, NaN, -Infinity]");
  }

  @Test
  void aSizeThatDataTellsIsAStatement() {
    GraphBuilder b = new GraphBuilder();
    Value count = b.parameter(new TensorType(DType.I64, List.of()), "count");
    Value x = b.parameter(TensorType.of(DType.F32, 4), "x");
    Dim told = b.size("told", count, Dim.of(4));
    Value y = dev.sinter.ir.op.Slice.of(b, x, 0, Dim.ZERO, told);
    Map<String, Graph.Role> roles = new LinkedHashMap<>();
    roles.put("count", Graph.Role.ARGUMENT);
    roles.put("x", Graph.Role.ARGUMENT);
    Graph graph =
        new Graph(
            "forward",
            roles.entrySet().stream().map(e -> new Graph.Input(e.getKey(), e.getValue())).toList(),
            List.of(new Graph.Output("y", Graph.Role.ARGUMENT)),
            b.region(List.of(y)),
            Facts.NONE);
    Written written = ModelWriter.write(model(graph), List.of());
    assertThat(written.text()).contains("-> (y: f32[Told])", "Told <= 4 = count\n");
    Graph back = read(written).entries().getFirst();
    List<Tensor> arguments =
        List.of(Tensor.of(new long[] {2}), Tensor.of(new float[] {5, 6, 7, 8}, 4));
    assertThat(
            run(back, GraphInputs.of(back, arguments, written.weights())).getFirst().toFloatArray())
        .containsExactly(5, 6);
  }
}
