package dev.sinter.passes;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Lifetime;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.tuning.Choices;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Several ways to do a part of a model, each as a program of its own that does it again and again:
/// to be timed.
///
/// Nobody fills the memory and nobody reads the results; only how long it takes is of interest. The
/// buffers lie as they would within the model.
public final class Rehearsal {
  /// The input whose length says how often a program does its part.
  public static final String TURNS = "turns";

  private static final String TURN = "turn";

  private Rehearsal() {}

  /// One way.
  ///
  /// @param buffers all memory, of constant sizes
  /// @param steps what is done, with numbers of `kernels`
  /// @param kernels what the launches name
  /// @param choices how the kernels are scheduled
  public record Way(
      List<Buffer> buffers, List<Step> steps, List<TileKernel> kernels, Choices choices) {
    public Way {
      buffers = List.copyOf(buffers);
      steps = List.copyOf(steps);
      kernels = List.copyOf(kernels);
    }
  }

  /// A launch of a program alone.
  ///
  /// @param kernel what the launch names
  /// @param sizes the values of the program's symbols
  public static Way launch(
      Program program,
      Step.Launch launch,
      TileKernel kernel,
      Map<String, Dim> sizes,
      Choices choices) {
    List<Buffer> buffers = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    for (int number : launch.buffers()) {
      Buffer buffer = program.buffers().get(number);
      numbers.add(buffers.size());
      buffers.add(
          new Buffer(
              buffer.name(),
              buffer.dtype(),
              buffer.shape().stream().map(d -> d.substitute(sizes)).toList(),
              buffer.layout(),
              new Origin.Temporary(),
              Optional.empty(),
              buffer.live()));
    }
    List<Dim> values = launch.sizes().stream().map(d -> d.substitute(sizes)).toList();
    Step alone = new Step.Launch(0, numbers, values, launch.spans(), launch.fusion());
    return new Way(buffers, List.of(alone), List.of(kernel), choices);
  }

  /// A whole graph, lowered as if it stood within a larger one: what goes in and out lies as its
  /// kernels want it. What is made of weights alone is left out.
  ///
  /// @param graph of constant sizes, whose weights nothing writes
  public static Way graph(Graph graph, Choices choices) {
    Set<String> shared = LoadTime.shared(List.of(graph));
    KernelTable plain = new KernelTable();
    List<Pass> passes = Passes.of(graph, shared, MathMode.FAST, WeightStorage.F32, choices);
    Graph simple = new Pipeline(passes, Watcher.NONE).run(graph);
    Program lowered =
        new Lower(plain).program(FuseRegions.fuse(new HoistWeights(shared).entry(simple)));
    List<Buffer> free = new ArrayList<>();
    for (Buffer buffer : lowered.buffers()) {
      boolean border =
          buffer.origin() instanceof Origin.Input || buffer.origin() instanceof Origin.Output;
      free.add(border ? filledByAStep(buffer) : buffer);
    }
    Program within =
        new Program(lowered.name(), lowered.dims(), free, lowered.steps(), lowered.facts());
    KernelTable table = new KernelTable();
    Program laid =
        AssignLayouts.assign(List.of(within), plain.kernels(), Map.of(), _ -> false, table)
            .getFirst();
    return new Way(
        laid.buffers().stream().map(Rehearsal::filledByAStep).toList(),
        laid.steps(),
        table.kernels(),
        choices);
  }

  private static Buffer filledByAStep(Buffer buffer) {
    return new Buffer(
        buffer.name(),
        buffer.dtype(),
        buffer.shape(),
        buffer.layout(),
        new Origin.Temporary(),
        buffer.alias(),
        buffer.live());
  }

  /// The programs: entry `i` takes [#TURNS] and does way `i` as often as that is long.
  ///
  /// @param tier the only tier whose kernels do anything
  /// @param schedule how kernels become loops
  public static ProgramSet programs(List<Way> ways, CpuTier tier, Passes.Schedule schedule) {
    List<Graph> entries = new ArrayList<>();
    List<Program> programs = new ArrayList<>();
    List<CpuKernel> kernels = new ArrayList<>();
    for (int i = 0; i < ways.size(); i++) {
      Way way = ways.get(i);
      Graph entry = entry("way" + i);
      entries.add(entry);
      programs.add(program(entry.name(), way, kernels.size()));
      way.kernels().forEach(k -> kernels.add(kernel(k, tier, schedule, way.choices())));
    }
    ModelGraph model =
        new ModelGraph("Rehearsal", List.of(), entries, Optional.empty(), Contracts.NONE);
    return new ProgramSet(model, kernels, List.of(), programs, Optional.empty());
  }

  private static Graph entry(String name) {
    GraphBuilder builder = new GraphBuilder();
    builder.parameter(new TensorType(DType.U8, List.of(Dim.symbol(TURNS))), TURNS);
    return new Graph(
        name,
        List.of(new Graph.Input(TURNS, Graph.Role.ARGUMENT)),
        List.of(),
        builder.region(List.of()),
        Facts.NONE);
  }

  private static Program program(String name, Way way, int firstKernel) {
    List<Step> steps =
        List.of(
            new Step.Repeat(
                TURN,
                Dim.symbol(TURNS),
                way.steps().stream().map(step -> renumbered(step, firstKernel)).toList()));
    int end = way.steps().size() + 1;
    List<Buffer> buffers = new ArrayList<>();
    // What no step fills must not lie where another step writes: it would be warm by that.
    Set<Integer> made = made(way);
    for (Buffer buffer : PlanMemory.lifetimes(way.buffers(), steps)) {
      boolean shares = made.contains(buffers.size());
      buffers.add(shares ? buffer : buffer.during(new Lifetime(0, end)));
    }
    buffers.add(
        new Buffer(
            TURNS,
            DType.U8,
            List.of(Dim.symbol(TURNS)),
            Layout.rowMajor(1),
            new Origin.Input(0),
            Optional.empty(),
            new Lifetime(0, end)));
    return new Program(
        name,
        List.of(new Program.DimSource.OfInput(TURNS, 0, 0), new Program.DimSource.OfLoop(TURN)),
        buffers,
        steps,
        Facts.NONE);
  }

  /// The buffers that some launch writes.
  private static Set<Integer> made(Way way) {
    Set<Integer> made = new HashSet<>();
    for (Step step : way.steps()) {
      if (step instanceof Step.Launch launch) {
        way.kernels()
            .get(launch.kernel())
            .stores()
            .forEach(store -> made.add(launch.buffers().get(store.buffer())));
      }
    }
    return made;
  }

  private static Step renumbered(Step step, int firstKernel) {
    if (step instanceof Step.Launch launch) {
      return new Step.Launch(
          launch.kernel() + firstKernel,
          launch.buffers(),
          launch.sizes(),
          launch.spans(),
          launch.fusion());
    }
    throw new IllegalArgumentException("only launches are rehearsed, not " + step);
  }

  private static CpuKernel kernel(
      TileKernel kernel, CpuTier tier, Passes.Schedule schedule, Choices choices) {
    LoopKernel timed = schedule.loops(kernel, tier, choices);
    LoopKernel idle =
        new LoopKernel(
            timed.name(),
            timed.buffers(),
            timed.sizes(),
            List.of(new LoopKernel.Function(timed.name(), List.of(), List.of())));
    Map<CpuTier, LoopKernel> loops = new EnumMap<>(CpuTier.class);
    for (CpuTier each : CpuTier.values()) {
      loops.put(each, each == tier ? timed : idle);
    }
    return new CpuKernel(kernel, loops);
  }
}
