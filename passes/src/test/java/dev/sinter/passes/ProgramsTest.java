package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What whole programs are made of.
class ProgramsTest {
  private static final Dim N = Dim.symbol("N");

  private final GraphBuilder b = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<Graph.Output> outputs = new ArrayList<>();
  private final List<Value> results = new ArrayList<>();
  private final KernelTable table = new KernelTable();

  private Value input(String name, Graph.Role role, Dim... shape) {
    inputs.add(new Graph.Input(name, role));
    return b.parameter(TensorType.of(DType.F32, shape), name);
  }

  private void output(String name, Graph.Role role, Value value) {
    outputs.add(new Graph.Output(name, role));
    results.add(value);
  }

  private Graph graph() {
    return new Graph("test", inputs, outputs, b.region(results), Facts.NONE);
  }

  private List<String> launched(Program program) {
    return program.steps().stream()
        .map(step -> table.kernels().get(((Step.Launch) step).kernel()).name())
        .toList();
  }

  private Value spread(Value x, int axis, List<Dim> shape) {
    return b.add(new Broadcast(List.of(axis), shape), x);
  }

  @Test
  void softmaxAfterATemperatureIsOneKernel() {
    Value x = input("x", Graph.Role.ARGUMENT, N, Dim.of(10));
    Value scaled = b.add(Pointwise.MUL, x, b.fill(x.type(), 0.5));
    output("y", Graph.Role.ARGUMENT, b.add(new Softmax(1), scaled));
    Program program = Passes.program(graph(), WeightStorage.F32, table, Watcher.NONE);
    assertThat(program.steps()).hasSize(1);
    assertThat(table.kernels().getFirst().axes()).hasSize(2);
  }

  @Test
  void aLayerTakesItsBiasAndActivationIntoTheContraction() {
    Value x = input("x", Graph.Role.ARGUMENT, N, Dim.of(8));
    Value w = input("w", Graph.Role.WEIGHT, Dim.of(8), Dim.of(4));
    Value c = input("c", Graph.Role.WEIGHT, Dim.of(4));
    Value h = Contract.of(b, "mk,kn->mn", x, w);
    Value sum = b.add(Pointwise.ADD, h, spread(c, 1, h.type().shape()));
    output("y", Graph.Role.ARGUMENT, b.add(Pointwise.RELU, sum));
    assertThat(launched(Passes.program(graph(), WeightStorage.F32, table, Watcher.NONE)))
        .hasSize(1);
  }

  @Test
  void equalLayersShareAKernel() {
    Value x = input("x", Graph.Role.ARGUMENT, N, Dim.of(8));
    Value y = x;
    for (int i = 0; i < 3; i++) {
      Value w = input("w" + i, Graph.Role.WEIGHT, Dim.of(8), Dim.of(8));
      y = b.add(Pointwise.TANH, Contract.of(b, "mk,kn->mn", y, w));
    }
    output("y", Graph.Role.ARGUMENT, y);
    Program program = Passes.program(graph(), WeightStorage.F32, table, Watcher.NONE);
    assertThat(program.steps()).hasSize(3);
    assertThat(table.kernels()).hasSize(1);
  }

  @Test
  void aTrainingStepWritesItsStatesInPlace() {
    Value x = input("x", Graph.Role.ARGUMENT, N, Dim.of(6));
    Value target = input("target", Graph.Role.ARGUMENT, N, Dim.of(3));
    Value w1 = input("w1", Graph.Role.STATE, Dim.of(6), Dim.of(5));
    Value w2 = input("w2", Graph.Role.STATE, Dim.of(5), Dim.of(3));
    Value m1 = input("m1", Graph.Role.STATE, Dim.of(6), Dim.of(5));
    Value h = b.add(Pointwise.TANH, Contract.of(b, "mk,kn->mn", x, w1));
    Value miss = b.add(Pointwise.SUB, Contract.of(b, "mk,kn->mn", h, w2), target);
    Value loss = Reduce.of(b, Reducer.SUM, List.of(0, 1), b.add(Pointwise.MUL, miss, miss));
    Node gradient = b.add(new Gradient(), List.of(loss, w1, w2), List.of(), "d");
    Value slot =
        b.add(Pointwise.ADD, b.add(Pointwise.MUL, m1, b.fill(m1.type(), 0.5)), gradient.result(0));
    output("loss", Graph.Role.ARGUMENT, loss);
    output("w1", Graph.Role.STATE, step(w1, slot));
    output("w2", Graph.Role.STATE, step(w2, gradient.result(1)));
    output("m1", Graph.Role.STATE, slot);
    Graph graph = graph();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    assertThat(launched(program)).noneMatch(name -> name.startsWith("copy"));
    compare(Differentiate.differentiate(graph), program, Map.of("N", 4L));
  }

  private Value step(Value parameter, Value gradient) {
    Value rate = b.fill(parameter.type(), 0.125);
    return b.add(Pointwise.SUB, parameter, b.add(Pointwise.MUL, rate, gradient));
  }

  @Test
  void aStateThatItsOwnUpdateReadsWholeIsCopiedInSight() {
    Value x = input("x", Graph.Role.ARGUMENT, N, Dim.of(4));
    Value w = input("w", Graph.Role.WEIGHT, Dim.of(4), Dim.of(4));
    Value h = input("h", Graph.Role.STATE, N, Dim.of(4));
    Value next = b.add(Pointwise.TANH, b.add(Pointwise.ADD, x, Contract.of(b, "mk,kn->mn", h, w)));
    output("h", Graph.Role.STATE, next);
    Graph graph = graph();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    assertThat(launched(program)).last().isEqualTo("copy");
    compare(graph, program, Map.of("N", 3L));
  }

  @Test
  void aCacheIsWrittenWhereItChangesAndReadAfterwards() {
    Dim length = Dim.symbol("L");
    Value cache = input("cache", Graph.Role.STATE, length, Dim.of(4));
    Value row = input("row", Graph.Role.ARGUMENT, Dim.ONE, Dim.of(4));
    Value start = b.fill(TensorType.of(DType.I32, new long[0]), 2);
    Value written = b.add(new UpdateSlice(0), cache, row, start);
    output("sum", Graph.Role.ARGUMENT, Reduce.of(b, Reducer.SUM, List.of(0), written));
    output("cache", Graph.Role.STATE, written);
    Graph graph = graph();
    Program program = Passes.program(graph, WeightStorage.F32, table, Watcher.NONE);
    TileKernel update = table.kernels().get(((Step.Launch) program.steps().getFirst()).kernel());
    assertThat(update.axes()).noneMatch(axis -> axis.extent().symbols().contains("L"));
    assertThat(program.steps()).hasSize(2);
    compare(graph, program, Map.of("L", 5L));
  }

  /// Runs the program and the graph on the same numbers.
  private void compare(Graph graph, Program program, Map<String, Long> sizes) {
    Agreement.of(graph, sizes)
        .check(
            "of the program",
            1e-5,
            (arguments, kept) -> ProgramInterpreter.run(program, table.kernels(), arguments, kept));
  }
}
