package dev.sinter.compiler;

import static dev.sinter.testkit.OnnxMessages.node;
import static dev.sinter.testkit.OnnxMessages.value;
import static dev.sinter.testkit.OnnxMessages.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.OnnxMessages;
import dev.sinter.testkit.OnnxRuntimePeer;
import dev.sinter.testkit.WireMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// ONNX operators whose results are as large as data tells, compiled, give the answers of ONNX
/// Runtime: from one JAR for several sizes of the inputs, and for results without elements.
class DataSizesTest {
  @TempDir private Path folder = Path.of("");

  private final Random random = new Random(1);

  /// What two runs of a model are given, one after the other.
  private interface Runs {
    void run(Map<String, Tensor> inputs);
  }

  private void compare(WireMessage graph, Consumer<Runs> calls) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), OnnxMessages.model(graph).bytes());
    ModelGraph read = OnnxImporter.read(file, "m", Map.of());
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (ModelGraph.Parameter parameter : read.parameters()) {
      if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
        weights.put(parameter.name(), tensor);
      }
    }
    CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(read);
    try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(file);
        Model model = compiled.load(weights);
        Session session = model.session(2)) {
      calls.accept(inputs -> {
        Map<String, Tensor> actual = session.run(inputs);
        peer.run(inputs)
            .forEach((name, expected) -> {
              Tensor result = Objects.requireNonNull(actual.get(name));
              assertThat(result.type()).as(name).isEqualTo(expected.type());
              assertThat(result.toDoubleArray()).as(name).isEqualTo(expected.toDoubleArray());
            });
      });
    }
  }

  private static WireMessage graph(WireMessage... nodes) {
    WireMessage graph = new WireMessage();
    for (WireMessage node : nodes) {
      graph.message(1, node);
    }
    return graph.text(2, "g");
  }

  private static WireMessage outputs(WireMessage graph, String... names) {
    for (String name : names) {
      graph.message(12, new WireMessage().text(1, name));
    }
    return graph;
  }

  /// Whole numbers from `low` on, of which there are `kinds`.
  private Tensor numbers(DType dtype, long low, int kinds, long... shape) {
    Tensor tensor = Tensor.zeros(dtype, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, low + random.nextInt(kinds));
    }
    return tensor;
  }

  private Tensor floats(long... shape) {
    Tensor tensor = Tensor.zeros(DType.F32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextDouble());
    }
    return tensor;
  }

  @Test
  void whatIsNotZeroAndWhatFollowsFromIt() throws IOException {
    WireMessage graph =
        graph(
            with(node("Cast", List.of("i"), List.of("x")), "to", 1),
            node("NonZero", List.of("i"), List.of("places")),
            node("Transpose", List.of("places"), List.of("rows")),
            node("GatherND", List.of("x", "rows"), List.of("found")),
            with(node("ReduceSum", List.of("found"), List.of("sum")), "keepdims", 0),
            node("Shape", List.of("places"), List.of("shape")),
            node("NonZero", List.of("i"), List.of("again")),
            node("Transpose", List.of("again"), List.of("rowsAgain")),
            node("GatherND", List.of("x", "rowsAgain"), List.of("foundAgain")),
            node("Add", List.of("found", "foundAgain"), List.of("twice")));
    graph.message(11, value("i", DType.I64, "n", "m"));
    outputs(graph, "places", "found", "sum", "shape", "twice");
    compare(
        graph,
        runs -> {
          for (long n : new long[] {1, 4, 900, 4}) {
            runs.run(Map.of("i", numbers(DType.I64, -1, 3, n, 5)));
            runs.run(Map.of("i", numbers(DType.I64, 0, 1, n, 5)));
            runs.run(Map.of("i", numbers(DType.I64, 1, 2, n, 5)));
          }
        });
  }

  @Test
  void whatAConditionLeaves() throws IOException {
    WireMessage graph =
        graph(
            with(node("Compress", List.of("x", "c"), List.of("lines")), "axis", -2),
            node("Neg", List.of("lines"), List.of("less")),
            node("MatMul", List.of("lines", "w"), List.of("product")),
            node("Compress", List.of("x", "c"), List.of("elements")),
            with(node("Softmax", List.of("elements"), List.of("soft")), "axis", 0));
    graph.message(11, value("x", "n", 3));
    graph.message(11, value("c", DType.BOOL, "n"));
    graph.message(11, value("w", 3, 3));
    outputs(graph, "lines", "less", "elements");
    Tensor w = numbers(DType.F32, 1, 3, 3, 3);
    outputs(graph, "product");
    compare(
        graph,
        runs -> {
          for (long n : new long[] {5, 8}) {
            for (int kinds : new int[] {1, 2, 2}) {
              Tensor x = numbers(DType.F32, -5, 11, n, 3);
              runs.run(Map.of("x", x, "c", numbers(DType.BOOL, 0, kinds, n), "w", w));
            }
            Tensor x = numbers(DType.F32, -5, 11, n, 3);
            runs.run(Map.of("x", x, "c", numbers(DType.BOOL, 1, 1, n), "w", w));
          }
        });
  }

  @Test
  void whatIsUnique() throws IOException {
    List<String> each = List.of("y", "first", "back", "count");
    WireMessage graph = new WireMessage();
    List<Map<String, Integer>> kinds =
        List.of(
            Map.of(),
            Map.of("sorted", 0),
            Map.of("axis", 0),
            Map.of("axis", -1, "sorted", 0),
            Map.of("axis", 1));
    for (int i = 0; i < kinds.size(); i++) {
      int number = i;
      List<String> names = each.stream().map(name -> name + number).toList();
      WireMessage node = node("Unique", List.of("x"), names);
      kinds.get(i).forEach((name, value) -> with(node, name, value));
      graph.message(1, node);
      outputs(graph, names.toArray(String[]::new));
    }
    graph.text(2, "g").message(11, value("x", DType.I64, "n", "m"));
    compare(
        graph,
        runs -> {
          runs.run(Map.of("x", numbers(DType.I64, -2, 5, 6, 4)));
          runs.run(Map.of("x", numbers(DType.I64, -2, 2, 9, 2)));
          runs.run(Map.of("x", numbers(DType.I64, 7, 1, 3, 3)));
          runs.run(Map.of("x", numbers(DType.I64, 0, 100, 1, 1)));
        });
  }

  @Test
  void boxesThatAreNotSuppressed() throws IOException {
    List<String> inputs = List.of("boxes", "scores", "most", "overlap", "least");
    WireMessage graph =
        graph(
            node("NonMaxSuppression", inputs, List.of("corners")),
            with(node("NonMaxSuppression", inputs, List.of("centers")), "center_point_box", 1),
            node("NonMaxSuppression", inputs.subList(0, 4), List.of("any")),
            node("NonMaxSuppression", inputs.subList(0, 2), List.of("none")));
    graph.message(11, value("boxes", "b", "n", 4));
    graph.message(11, value("scores", "b", "c", "n"));
    graph.message(11, value("most", DType.I64, 1));
    graph.message(11, value("overlap", 1));
    graph.message(11, value("least", 1));
    outputs(graph, "corners", "centers", "any", "none");
    compare(
        graph,
        runs -> {
          for (long[] sizes : new long[][] {{1, 1, 6}, {2, 3, 20}, {1, 2, 33}}) {
            Tensor boxes = floats(sizes[0], sizes[2], 4);
            Tensor scores = floats(sizes[0], sizes[1], sizes[2]);
            for (long most : new long[] {0, 1, 4, 100}) {
              for (float least : new float[] {0.3f, 0.9f, 2}) {
                runs.run(
                    Map.of(
                        "boxes",
                        boxes,
                        "scores",
                        scores,
                        "most",
                        Tensor.of(new long[] {most}, 1),
                        "overlap",
                        Tensor.of(new float[] {0.25f}, 1),
                        "least",
                        Tensor.of(new float[] {least}, 1)));
              }
            }
          }
        });
  }
}
