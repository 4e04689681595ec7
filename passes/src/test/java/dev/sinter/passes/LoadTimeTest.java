package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.interpreter.ProgramInterpreter;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// What depends on weights only is computed when they are loaded, and factors behind a convolution
/// or contraction reach its weight.
class LoadTimeTest {
  private static final Dim N = Dim.symbol("N");

  private final GraphBuilder b = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<Graph.Output> outputs = new ArrayList<>();
  private final List<Value> results = new ArrayList<>();
  private final List<ModelGraph.Parameter> parameters = new ArrayList<>();

  private Value argument(Dim... shape) {
    inputs.add(new Graph.Input("x", Graph.Role.ARGUMENT));
    return b.parameter(TensorType.of(DType.F32, shape), "x");
  }

  private Value parameter(String name, ModelGraph.Kind kind, long... shape) {
    TensorType type = TensorType.of(DType.F32, shape);
    boolean state = kind == ModelGraph.Kind.STATE;
    inputs.add(new Graph.Input(name, state ? Graph.Role.STATE : Graph.Role.WEIGHT));
    parameters.add(new ModelGraph.Parameter(name, type, new Initializer.Fill(1), kind));
    return b.parameter(type, name);
  }

  private Value weight(String name, long... shape) {
    return parameter(name, ModelGraph.Kind.WEIGHT, shape);
  }

  private void result(Value value) {
    outputs.add(new Graph.Output("y" + outputs.size(), Graph.Role.ARGUMENT));
    results.add(value);
  }

  private ModelGraph model() {
    Graph graph = new Graph("forward", inputs, outputs, b.region(results), Facts.NONE);
    return new ModelGraph("m", parameters, List.of(graph), Optional.empty(), Contracts.NONE);
  }

  /// `(y - mean) * (weight / sqrt(var + eps)) + bias` along axis `axis`.
  private Value norm(Value y, int axis) {
    return norm("norm", y, axis);
  }

  private Value norm(String name, Value y, int axis) {
    long channels = y.type().dim(axis).constant();
    Value mean = parameter(name + ".mean", ModelGraph.Kind.STATE, channels);
    Value variance = parameter(name + ".var", ModelGraph.Kind.STATE, channels);
    Value weight = weight(name + ".weight", channels);
    Value bias = weight(name + ".bias", channels);
    Value eps = b.fill(variance.type(), 1e-5);
    Value deviation = b.add(Pointwise.SQRT, b.add(Pointwise.ADD, variance, eps));
    Value scale = along(b.add(Pointwise.DIV, weight, deviation), axis, y);
    Value centered = b.add(Pointwise.SUB, y, along(mean, axis, y));
    return b.add(Pointwise.ADD, b.add(Pointwise.MUL, centered, scale), along(bias, axis, y));
  }

  private Value along(Value x, int axis, Value like) {
    return b.add(new Broadcast(List.of(axis), like.type().shape()), x);
  }

  private Value conv(Value x, Value w) {
    List<Long> ones = List.of(1L, 1L);
    return b.add(new Conv(ones, ones, ones, ones, 1, DType.F32), x, w);
  }

  private static ProgramSet lower(ModelGraph model) {
    return Passes.lower(
        model,
        Schedules::lower,
        ScheduleTable.EMPTY,
        MathMode.FAST,
        WeightStorage.F32,
        Watcher.NONE);
  }

  private static List<String> operations(ProgramSet set, Program program) {
    List<String> out = new ArrayList<>();
    for (Program.Step step : program.steps()) {
      TileKernel tile = set.kernels().get(((Program.Step.Launch) step).kernel()).tile();
      for (TileKernel.Definition definition : tile.body()) {
        if (definition instanceof TileKernel.Definition.Apply apply) {
          out.add(apply.fn().toString());
        }
      }
    }
    return out;
  }

  /// Runs what is made at load, then the entry, and compares with the interpreter.
  private static void compare(ModelGraph model, ProgramSet set) {
    Graph graph = model.entries().getFirst();
    Random random = new Random(5);
    Map<String, Tensor> given = new LinkedHashMap<>();
    List<Tensor> arguments = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      long[] shape =
          graph.input(i).type().shape().stream().mapToLong(d -> d.evaluate(s -> 3)).toArray();
      Tensor tensor = Tensor.zeros(DType.F32, shape);
      for (long e = 0; e < tensor.size(); e++) {
        tensor.setDouble(e, random.nextDouble(0.5, 2));
      }
      given.put(graph.inputs().get(i).name(), tensor);
      if (graph.inputs().get(i).role() == Graph.Role.ARGUMENT) {
        arguments.add(tensor);
      }
    }
    List<TileKernel> kernels = set.kernels().stream().map(CpuKernel::tile).toList();
    Map<String, Tensor> kept = new HashMap<>(given);
    set.load()
        .ifPresent(load -> {
          List<Tensor> made = ProgramInterpreter.run(load, kernels, List.of(), given);
          for (Program.Buffer buffer : load.buffers()) {
            if (buffer.origin() instanceof Program.Origin.Output(int index)) {
              kept.put(buffer.name(), made.get(index));
            }
          }
        });
    List<Tensor> actual =
        ProgramInterpreter.run(set.entries().getFirst(), kernels, arguments, kept);
    Map<Graph.Output, Tensor> expected = Interpreter.rounding().run(graph, given);
    for (int i = 0; i < actual.size(); i++) {
      double[] wanted =
          Objects.requireNonNull(expected.get(graph.outputs().get(i))).toDoubleArray();
      double most = Arrays.stream(wanted).map(Math::abs).max().orElse(0);
      assertThat(actual.get(i).toDoubleArray()).containsExactly(wanted, Offset.offset(1e-6 * most));
    }
  }

  @Test
  void whatALoopReadsLiesAsItReadsIt() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[4], weight w %w: f32[1, 2, 2]) {
              %flat: f32[4] = reshape(%w) {shape = [4]}
              %end: f32[4] = scan(%x, %flat) {steps = 3, carried = 1, walked = 0}
                region(%turn: i32[], %v: f32[4], %f: f32[4]) {
                  %next: f32[4] = mul(%v, %f)
                  return %next
                }
              return argument y = %end
            }
            """);
    HoistWeights hoist = new HoistWeights(Set.of("w"));
    assertThat(hoist.entry(graph).body().nodes()).hasSize(1);
    assertThat(hoist.load()).isPresent();
  }

  @Test
  void whatIsDoneToWeightsOfManySizesIsOneKernel() {
    Value x = argument(N, Dim.of(3), Dim.of(6), Dim.of(6));
    Value y = norm("a", conv(x, weight("first", 20, 3, 3, 3)), 1);
    y = norm("b", conv(y, weight("second", 40, 20, 1, 1)), 1);
    result(norm("c", conv(y, weight("third", 24, 40, 1, 1)), 1));

    ModelGraph model = model();
    ProgramSet set = lower(model);
    compare(model, set);

    List<Program.Step.Launch> launches = set.load().orElseThrow().launches();
    long kernels = launches.stream().map(Program.Step.Launch::kernel).distinct().count();
    assertThat(kernels).isLessThan(launches.size());
    // What a weight measures is what its launch passes.
    assertThat(launches)
        .anySatisfy(launch -> assertThat(launch.sizes()).containsExactly(Dim.of(40), Dim.of(20)));
  }

  /// As queries, keys and values that one weight holds side by side.
  @Test
  void aProductReadsItsPartOfAWeightAsItWantsIt() {
    Value x = b.parameter(TensorType.of(DType.F32, 3, 4), "x");
    inputs.add(new Graph.Input("x", Graph.Role.ARGUMENT));
    Value w = weight("w", 4, 15);
    for (long start = 0; start < 15; start += 5) {
      Slice part =
          new Slice(
              List.of(Dim.ZERO, Dim.of(start)), List.of(Dim.of(4), Dim.of(5)), List.of(1L, 1L));
      result(Contract.of(b, "mk,kn->mn", x, b.add(part, w)));
    }
    ModelGraph model = model();
    ProgramSet set = lower(model);
    assertThat(set.entries().getFirst().steps()).as("products alone").hasSize(3);
    assertThat(set.load().orElseThrow().steps()).hasSize(3);
    compare(model, set);
  }

  @Test
  void theSortOfAWeightIsLeftToTheEntry() {
    Graph graph =
        GraphParser.graph(
            """
            graph net(argument x %x: f32[4], weight w %w: f32[4]) {
              %twice: f32[4] = add(%w, %w)
              %sorted: f32[4], %places: i64[4] = sort(%twice)
              %y: f32[4] = mul(%x, %sorted)
              return argument y = %y
            }
            """);
    HoistWeights hoist = new HoistWeights(Set.of("w"));
    assertThat(hoist.entry(graph).body().nodes())
        .extracting(node -> node.op().mnemonic())
        .containsExactly("sort", "mul");
    assertThat(hoist.load().orElseThrow().body().nodes()).hasSize(1);
  }

  @Test
  void aNormBehindAConvolutionIsFoldedIntoItsWeight() {
    Value y = conv(argument(N, Dim.of(3), Dim.of(5), Dim.of(4)), weight("conv.weight", 6, 3, 3, 3));
    y = b.add(Pointwise.ADD, y, along(weight("conv.bias", 6), 1, y));
    result(b.add(Pointwise.RELU, norm(y, 1)));
    ModelGraph model = model();
    ProgramSet set = lower(model);
    Program forward = set.entries().getFirst();
    // The product of the convolution, one bias and the relu are left.
    List<String> operations = new ArrayList<>(operations(set, forward));
    operations.removeIf(name -> !name.matches("add|sub|mul|div|sqrt|max"));
    assertThat(operations).containsExactlyInAnyOrder("mul", "add", "max");
    assertThat(set.weights())
        .extracting(ProgramSet.PackedWeight::name)
        .containsExactlyInAnyOrder("conv.weight'", "conv.bias'");
    compare(model, set);
  }

  @Test
  void aNormBehindAContractionIsFoldedWhereverItsWeightStands() {
    for (String spec : List.of("nk,mk->nm", "nk,km->nm", "km,nk->nm")) {
      LoadTimeTest test = new LoadTimeTest();
      Value x = test.argument(N, Dim.of(7));
      boolean last = spec.startsWith("nk");
      Value w = spec.contains("mk") ? test.weight("w", 5, 7) : test.weight("w", 7, 5);
      Value y = last ? Contract.of(test.b, spec, x, w) : Contract.of(test.b, spec, w, x);
      test.result(test.norm(y, 1));
      ModelGraph model = test.model();
      ProgramSet set = lower(model);
      assertThat(operations(set, set.entries().getFirst()))
          .as(spec)
          .containsExactlyInAnyOrder("mul", "add");
      compare(model, set);
    }
  }

  @Test
  void aQuotientAndADifferenceAreFoldedToo() {
    Value y = Contract.of(b, "nk,mk->nm", argument(N, Dim.of(7)), weight("w", 5, 7));
    y = b.add(Pointwise.DIV, y, along(weight("d", 5), 1, y));
    result(b.add(Pointwise.SUB, y, along(weight("t", 5), 1, y)));
    ModelGraph model = model();
    ProgramSet set = lower(model);
    assertThat(operations(set, set.entries().getFirst())).containsExactlyInAnyOrder("mul", "add");
    compare(model, set);
  }

  @Test
  void aFactorAlongAnAxisThatTheWeightLacksIsLeftAlone() {
    Value y = conv(argument(N, Dim.of(3), Dim.of(5), Dim.of(4)), weight("conv.weight", 6, 3, 3, 3));
    result(b.add(Pointwise.MUL, y, along(weight("rows", 5), 2, y)));
    ProgramSet set = lower(model());
    assertThat(set.load()).isEmpty();
    compare(model(), set);
  }

  @Test
  void whatOthersReadIsLeftAlone() {
    Value y = Contract.of(b, "nk,mk->nm", argument(N, Dim.of(7)), weight("w", 5, 7));
    result(y);
    result(b.add(Pointwise.MUL, y, along(weight("s", 5), 1, y)));
    ProgramSet set = lower(model());
    assertThat(set.load()).isEmpty();
    compare(model(), set);
  }

  @Test
  void aParameterThatAnEntryWritesIsNoConstant() {
    Value w = parameter("w", ModelGraph.Kind.STATE, 5, 7);
    Value s = weight("s", 5, 7);
    Value product = b.add(Pointwise.MUL, w, s);
    result(Contract.of(b, "nk,mk->nm", argument(N, Dim.of(7)), product));
    outputs.add(new Graph.Output("w", Graph.Role.STATE));
    results.add(b.add(Pointwise.ADD, w, s));
    assertThat(lower(model()).load()).isEmpty();
  }

  @Test
  void whatIsLargerThanItsWeightsIsComputedByEachCall() {
    Value u = weight("u", 40);
    Value v = weight("v", 40);
    Value outer = Contract.of(b, "m,k->mk", u, v);
    Value norm = Reduce.of(b, Reducer.SUM, List.of(0, 1), b.add(Pointwise.TANH, outer));
    Value x = argument(N, Dim.of(40));
    Value y = Contract.of(b, "nk,mk->nm", x, outer);
    result(b.add(Pointwise.MUL, y, b.add(new Broadcast(List.of(), y.type().shape()), norm)));
    ModelGraph model = model();
    ProgramSet set = lower(model);
    assertThat(set.weights())
        .extracting(ProgramSet.PackedWeight::name)
        .containsExactlyInAnyOrder("u", "v", "u'");
    assertThat(operations(set, set.entries().getFirst())).doesNotContain("tanh");
    compare(model, set);
  }

  @Test
  void entriesShareWhatIsMadeAtLoad() {
    Value x = argument(N, Dim.of(7));
    Value w = b.add(Pointwise.TANH, weight("w", 5, 7));
    result(Contract.of(b, "nk,mk->nm", x, w));
    Graph forward = new Graph("forward", inputs, outputs, b.region(results), Facts.NONE);
    Graph again = new Graph("again", inputs, outputs, b.region(results), Facts.NONE);
    ProgramSet set =
        lower(
            new ModelGraph(
                "m", parameters, List.of(forward, again), Optional.empty(), Contracts.NONE));
    assertThat(set.load().orElseThrow().steps()).hasSize(1);
    assertThat(set.weights()).extracting(ProgramSet.PackedWeight::name).containsExactly("w'");
  }
}
