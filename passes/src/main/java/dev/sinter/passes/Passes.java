package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.tuning.Choices;
import dev.sinter.passes.tuning.ScheduleTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// From a model's graph to its programs: which passes run, in which order.
public final class Passes {
  private static final String HOIST = "hoist-weights";

  private Passes() {}

  /// How a tier of CPUs does what a kernel computes.
  @FunctionalInterface
  public interface Schedule {
    /// The loops of `kernel` on `tier`, where `choices` know nothing by estimates.
    LoopKernel loops(TileKernel kernel, CpuTier tier, Choices choices);
  }

  /// What a graph goes through that has no gradients to be asked for.
  ///
  /// @param shared the names of the parameters that no entry of the model writes
  /// @param storage what the weights of products are kept in
  /// @param choices what is known to be fastest
  static List<Pass> inference(
      Set<String> shared, MathMode math, WeightStorage storage, Choices choices) {
    List<Pass> passes = new ArrayList<>();
    passes.add(new Pass("expand-composites", ExpandComposites::expand));
    passes.add(Pass.of("unfold-comprehensions", UnfoldComprehensions.rules(), math));
    passes.add(new Pass("widen-floats", WidenFloats::widen));
    passes.add(new Pass("dead-code", DeadCode::remove));
    passes.add(Pass.of("simplify", Simplify.rules(), math));
    passes.add(Pass.of("fold-constants", FoldConstants.rules(), math));
    passes.add(new Pass("common-subexpressions", CommonSubexpressions::merge));
    passes.add(new Pass("fold-scales", graph -> FoldScales.fold(graph, shared, math)));
    passes.add(
        new Pass(
            "fast-convolutions", graph -> FastConvolutions.choose(graph, shared, math, choices)));
    passes.add(Pass.of("pad-convolutions", PadConvolutions.rules(), math));
    passes.add(
        new Pass("quantize-weights", graph -> QuantizeWeights.quantize(graph, shared, storage)));
    passes.add(Pass.of("simplify-again", Simplify.rules(), math));
    passes.add(new Pass("common-subexpressions-again", CommonSubexpressions::merge));
    passes.add(new Pass("dead-code-again", DeadCode::remove));
    return passes;
  }

  /// What a graph goes through before people read it: nothing that happens to be there twice or for
  /// nothing, and all else as it is.
  private static List<Pass> reading() {
    return List.of(
        Pass.of("simplify", Simplify.rules(), MathMode.EXACT),
        new Pass("common-subexpressions", CommonSubexpressions::merge),
        Pass.of("simplify-again", Simplify.rules(), MathMode.EXACT),
        new Pass("dead-code", DeadCode::remove));
  }

  /// The model with what is superfluous taken out, to be read.
  public static ModelGraph tidied(ModelGraph model) {
    List<Graph> entries =
        model.entries().stream()
            .map(entry -> new Pipeline(reading(), Watcher.NONE).run(entry))
            .toList();
    return new ModelGraph(
        model.name(), model.parameters(), entries, model.training(), model.contracts());
  }

  /// What a graph goes through that asks for gradients: they are answered first, while composites
  /// are whole, and are graph like any other from there on.
  static List<Pass> training(
      Set<String> shared, MathMode math, WeightStorage storage, Choices choices) {
    List<Pass> passes = new ArrayList<>();
    passes.add(new Pass("differentiate", Differentiate::differentiate));
    passes.addAll(inference(shared, math, storage, choices));
    return List.copyOf(passes);
  }

  /// What `graph` goes through on its way to a kernel.
  static List<Pass> of(
      Graph graph, Set<String> shared, MathMode math, WeightStorage storage, Choices choices) {
    return Differentiate.hasGradient(graph.body())
        ? training(shared, math, storage, choices)
        : inference(shared, math, storage, choices);
  }

  /// The names of all passes, in their order.
  public static List<String> names() {
    List<String> names =
        new ArrayList<>(
            training(Set.of(), MathMode.FAST, WeightStorage.F32, ScheduleTable.EMPTY).stream()
                .map(Pass::name)
                .toList());
    names.add(HOIST);
    return names;
  }

  /// The programs of a model for CPUs; the kernels are shared by its entries.
  ///
  /// @param choices what is known to be fastest; the rest is estimated
  public static ProgramSet lower(
      ModelGraph model,
      Schedule schedule,
      Choices choices,
      MathMode math,
      WeightStorage storage,
      Watcher watcher) {
    KernelTable plain = new KernelTable();
    List<Graph> graphs = LoadTime.entries(model);
    Set<String> shared = LoadTime.shared(graphs);
    HoistWeights hoist = new HoistWeights(shared);
    List<Program> lowered = new ArrayList<>();
    for (Graph entry : graphs) {
      List<Pass> passes = of(entry, shared, math, storage, choices);
      Graph graph = hoist.entry(new Pipeline(passes, watcher).run(entry));
      watcher.changed(HOIST, graph);
      lowered.add(rowMajor(graph, plain, watcher));
    }
    KernelTable laid = new KernelTable();
    KernelTable table = new KernelTable();
    Set<String> whole = hoist.transformed();
    List<Program> entries =
        AssignLayouts.assign(
                lowered,
                plain.kernels(),
                usual(model),
                name -> storage == WeightStorage.BF16 && !whole.contains(name),
                laid)
            .stream()
            .map(entry -> RunInBlocks.of(entry, laid.kernels(), table))
            .toList();
    for (Program entry : entries) {
      watcher.lowered(entry, table.kernels());
    }
    Optional<Graph> load = hoist.load();
    load.ifPresent(graph -> watcher.changed(HOIST, graph));
    Optional<Program> loading =
        load.map(graph -> {
          KernelTable sized = new KernelTable();
          return OpenSizes.of(rowMajor(graph, sized, watcher), sized.kernels(), table);
        });
    loading.ifPresent(program -> watcher.lowered(program, table.kernels()));
    List<CpuKernel> kernels = new ArrayList<>();
    for (TileKernel tile : table.kernels()) {
      Map<CpuTier, LoopKernel> loops = new EnumMap<>(CpuTier.class);
      for (CpuTier tier : CpuTier.values()) {
        loops.put(tier, schedule.loops(tile, tier, choices));
      }
      kernels.add(new CpuKernel(tile, loops));
    }
    return new ProgramSet(model, kernels, weights(entries), entries, loading);
  }

  /// The sizes that the entries of a model are called with as a rule: all batches of a training but
  /// the last are full.
  private static Map<String, Dim> usual(ModelGraph model) {
    return model
        .training()
        .map(t -> Map.of(t.batchSymbol(), Dim.of(t.batchSize())))
        .orElse(Map.of());
  }

  /// The program of one entry, all choices estimated; its kernels go to `table`.
  static Program program(Graph entry, WeightStorage storage, KernelTable table, Watcher watcher) {
    return program(entry, ScheduleTable.EMPTY, Map.of(), storage, table, watcher);
  }

  /// The program of one entry; its kernels go to `table`.
  ///
  /// @param usual the size that a symbol has in most calls, where that is known
  static Program program(
      Graph entry,
      Choices choices,
      Map<String, Dim> usual,
      WeightStorage storage,
      KernelTable table,
      Watcher watcher) {
    Set<String> shared = LoadTime.shared(List.of(entry));
    KernelTable plain = new KernelTable();
    KernelTable laid = new KernelTable();
    Pipeline passes = new Pipeline(of(entry, shared, MathMode.FAST, storage, choices), watcher);
    Program lowered = rowMajor(passes.run(entry), plain, watcher);
    List<Program> assigned =
        AssignLayouts.assign(
            List.of(lowered), plain.kernels(), usual, _ -> storage == WeightStorage.BF16, laid);
    Program program = RunInBlocks.of(assigned.getFirst(), laid.kernels(), table);
    watcher.lowered(program, table.kernels());
    return program;
  }

  /// The program of a graph that has been through its passes, all of it row-major.
  private static Program rowMajor(Graph graph, KernelTable table, Watcher watcher) {
    FusedGraph fused = FuseRegions.fuse(graph);
    watcher.fused(fused);
    return new Lower(table).program(fused);
  }

  private static List<ProgramSet.PackedWeight> weights(List<Program> entries) {
    Set<ProgramSet.PackedWeight> weights = new LinkedHashSet<>();
    for (Program entry : entries) {
      for (Program.Buffer buffer : entry.buffers()) {
        if (buffer.origin() instanceof Origin.Weight(String name)) {
          weights.add(new ProgramSet.PackedWeight(name, buffer.layout()));
        }
      }
    }
    return List.copyOf(weights);
  }
}
