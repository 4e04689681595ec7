package dev.sinter.compiler.conformance;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.HoldTurns;
import dev.sinter.compiler.conformance.TestResult.Outcome;
import dev.sinter.compiler.conformance.Tolerance.Distance;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.program.Program;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.TensorData;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxReader;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Runs recorded tests.
public final class TestRunner {
  private final Target target;
  private final OutputListener outputs;

  /// What a test is run on.
  public enum Target {
    /// The specification.
    INTERPRETER,
    /// Generated Java.
    JAVA
  }

  /// Who sees what tests gave.
  public interface OutputListener {
    /// Hears of an output.
    void output(TestCase test, int dataSet, int number, Tensor value) throws IOException;
  }

  public TestRunner(Target target, OutputListener outputs) {
    this.target = target;
    this.outputs = outputs;
  }

  /// Runs a test of a suite.
  @SuppressWarnings("CatchingUnchecked") // A fault of the compiler's must not end the run.
  public TestResult run(TestSuite suite, int number) {
    long start = System.nanoTime();
    try {
      return run(suite.read(number), suite, number, start);
    } catch (DiagnosticException | OnnxFormatException e) {
      return ended(Outcome.UNSUPPORTED, start, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return ended(Outcome.FAILED, start, e.toString());
    } catch (RuntimeException | StackOverflowError | AssertionError e) {
      return ended(Outcome.CRASHED, start, e.toString());
    }
  }

  private static TestResult ended(Outcome outcome, long start, String reason) {
    return new TestResult(
        outcome, 0, Double.NaN, Double.NaN, (System.nanoTime() - start) / 1_000_000, reason);
  }

  private TestResult run(TestCase test, TestSuite suite, int number, long start)
      throws IOException {
    OnnxModel onnx = OnnxReader.model(test.model());
    ModelGraph read =
        OnnxImporter.read(
            onnx, "Test", test.name(), new TensorData(suite.folder(number)), Map.of());
    ModelGraph graph = HoldTurns.in(read, CompileOptions.MOST_TURNS);
    Running running = target == Target.JAVA ? new Compiled(graph) : new Interpreted(graph);
    try (running) {
      Distance distance = new Distance(0, 0, Optional.empty());
      for (int set = 0; set < test.data().size(); set++) {
        TestCase.DataSet data = test.data().get(set);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        List<String> names = inputNames(onnx.graph(), data.inputs().size());
        for (int i = 0; i < data.inputs().size(); i++) {
          inputs.put(names.get(i), tensor(data.inputs().get(i)));
        }
        Map<String, Tensor> got = running.run(inputs);
        for (int i = 0; i < data.outputs().size(); i++) {
          String name = onnx.graph().outputs().get(i).name();
          Tensor value = java.util.Objects.requireNonNull(got.get(name));
          outputs.output(test, set, i, value);
          distance =
              distance.and(
                  suite.tolerance(number).compare(name, value, tensor(data.outputs().get(i))));
        }
      }
      return new TestResult(
          distance.fault().isPresent() ? Outcome.FAILED : Outcome.PASSED,
          running.externs(),
          distance.absolute(),
          distance.relative(),
          (System.nanoTime() - start) / 1_000_000,
          distance.fault().orElse(""));
    }
  }

  /// The names of the inputs that recorded data is for. Old files list their weights as inputs,
  /// too, before others even; where there is data for the others only, weights keep their values.
  private static List<String> inputNames(OnnxGraph graph, int given) {
    List<String> all = graph.inputs().stream().map(OnnxGraph.ValueInfo::name).toList();
    Set<String> weights =
        graph.initializers().stream().map(OnnxTensor::name).collect(Collectors.toSet());
    List<String> free = all.stream().filter(name -> !weights.contains(name)).toList();
    return given <= free.size() ? free : all;
  }

  private static Tensor tensor(ByteBuffer file) throws OnnxFormatException {
    var tensor = OnnxReader.tensor(file.duplicate());
    if (OnnxTypes.of(tensor.elementType()).isEmpty()) {
      throw new OnnxFormatException("test data of " + OnnxTypes.name(tensor.elementType()));
    }
    return TensorData.INLINE.read(tensor);
  }

  private interface Running extends AutoCloseable {
    Map<String, Tensor> run(Map<String, Tensor> inputs);

    int externs();

    @Override
    default void close() {}
  }

  private static final class Interpreted implements Running {
    private final Graph graph;
    private final Map<String, Tensor> weights = new LinkedHashMap<>();

    Interpreted(ModelGraph model) {
      graph = model.entries().getFirst();
      for (ModelGraph.Parameter parameter : model.parameters()) {
        if (parameter.initializer() instanceof Initializer.Held(Tensor tensor)) {
          weights.put(parameter.name(), tensor);
        }
      }
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
      Map<String, Tensor> all = new LinkedHashMap<>(weights);
      all.putAll(inputs);
      all.keySet().retainAll(graph.inputs().stream().map(Graph.Input::name).toList());
      Map<String, Tensor> out = new LinkedHashMap<>();
      Interpreter.rounding().run(graph, all).forEach((o, value) -> out.put(o.name(), value));
      return out;
    }

    @Override
    public int externs() {
      return 0;
    }
  }

  private static final class Compiled implements Running {
    private final Model model;
    private final Session session;
    private final int externs;
    private final List<String> inputs = new ArrayList<>();

    Compiled(ModelGraph graph) {
      CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(graph);
      externs =
          (int)
              compiled.programs().entries().stream()
                  .flatMap(p -> p.allSteps().stream())
                  .filter(Program.Step.Extern.class::isInstance)
                  .count();
      model = compiled.load(0);
      session = model.session(1);
      graph.entries().getFirst().inputs().forEach(i -> inputs.add(i.name()));
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> given) {
      Map<String, Tensor> all = new LinkedHashMap<>(given);
      all.keySet().retainAll(inputs);
      return session.run("forward", all);
    }

    @Override
    public int externs() {
      return externs;
    }

    @Override
    public void close() {
      session.close();
      model.close();
    }
  }
}
