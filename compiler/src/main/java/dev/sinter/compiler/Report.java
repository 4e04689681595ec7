package dev.sinter.compiler;

import dev.sinter.codegen.jar.MethodSizes;
import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.BufferPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What was made of a model: for people who ask why it is as fast as it is.
///
/// @param entries what each entry runs
/// @param kernels each distinct kernel
/// @param common the methods of the kernels that are not one kernel's own
/// @param methods every generated method and the bytes of its bytecode
public record Report(
    List<Entry> entries,
    List<Kernel> kernels,
    List<MethodSizes.Method> common,
    List<MethodSizes.Method> methods) {
  public Report {
    entries = List.copyOf(entries);
    kernels = List.copyOf(kernels);
    common = List.copyOf(common);
    methods = List.copyOf(methods);
  }

  /// An entry's launches and its memory.
  ///
  /// @param plan the lifetimes of its buffers, in which steps of the text form
  public record Entry(String name, List<Launch> launches, BufferPlan plan) {
    public Entry {
      launches = List.copyOf(launches);
    }
  }

  /// One launch.
  ///
  /// @param step the number of the step that it is, or is a part of, among all entries' steps
  /// @param kernel the number of its kernel in the report
  /// @param lines the lines of the model that it computes, as `file:line`
  /// @param cost what it costs at the sizes of the launch
  /// @param fusion what was estimated when its ops were made one kernel
  /// @param buffers the names of what it reads and writes
  public record Launch(
      int step,
      int kernel,
      List<String> lines,
      KernelCost cost,
      Program.Fusion fusion,
      List<String> buffers) {
    public Launch {
      lines = List.copyOf(lines);
      buffers = List.copyOf(buffers);
    }
  }

  /// A kernel.
  ///
  /// @param name of its method
  /// @param operations the functions and reductions that are fused in it, and how often each stands
  ///   in it
  /// @param launches how many launches use it
  /// @param methods what it alone runs, in each class of kernels
  /// @param tiles the tiles that it runs and others do too, in each class of kernels
  public record Kernel(
      String name,
      Map<String, Integer> operations,
      int launches,
      List<MethodSizes.Method> methods,
      List<MethodSizes.Method> tiles) {
    public Kernel {
      operations = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(operations));
      methods = List.copyOf(methods);
      tiles = List.copyOf(tiles);
    }
  }

  /// The report on a compiled model.
  static Report of(
      ProgramSet set, GeneratedNames names, List<BufferPlan> plans, MethodSizes sizes) {
    int[] uses = new int[set.kernels().size()];
    List<Entry> entries = new ArrayList<>();
    int number = 0;
    for (int i = 0; i < plans.size(); i++) {
      Program program = set.entries().get(i);
      List<Launch> launches = new ArrayList<>();
      for (Program.Step step : program.parallelSteps()) {
        int n = number++;
        if (step instanceof Program.Step.Launch launch) {
          launches.add(launch(n, launch, Dim.ONE, program, set));
        } else if (step instanceof Program.Step.Blocks blocks) {
          blocks
              .inFirst()
              .forEach(each -> launches.add(launch(n, each, blocks.count(), program, set)));
        }
      }
      launches.forEach(launch -> uses[launch.kernel()]++);
      entries.add(new Entry(program.name(), launches, plans.get(i)));
    }
    KernelCode code = KernelCode.of(names, sizes);
    List<Kernel> kernels = new ArrayList<>();
    for (int k = 0; k < uses.length; k++) {
      CpuKernel kernel = set.kernels().get(k);
      kernels.add(
          new Kernel(
              names.kernels().get(k),
              operations(kernel.tile()),
              uses[k],
              code.own(k),
              code.tiles(k)));
    }
    return new Report(entries, kernels, code.common(), sizes.methods());
  }

  /// @param times how many blocks do it
  private static Launch launch(
      int step, Program.Step.Launch launch, Dim times, Program program, ProgramSet set) {
    CpuKernel kernel = set.kernels().get(launch.kernel());
    Set<String> lines = new LinkedHashSet<>();
    for (Span span : launch.spans()) {
      if (!span.isNone()) {
        lines.add(span.source().name() + ":" + span.line());
      }
    }
    LoopKernel loops = kernel.loops(dev.sinter.ir.kernel.CpuTier.SCALAR);
    Map<String, Dim> sizes = new LinkedHashMap<>();
    for (int i = 0; i < loops.sizes().size(); i++) {
      sizes.put(loops.sizes().get(i), launch.sizes().get(i));
    }
    return new Launch(
        step,
        launch.kernel(),
        List.copyOf(lines),
        KernelCost.of(kernel.tile()).substitute(sizes).inBlocks(times),
        launch.fusion(),
        launch.buffers().stream().map(b -> program.buffers().get(b).name()).toList());
  }

  private static Map<String, Integer> operations(TileKernel tile) {
    Map<String, Integer> operations = new LinkedHashMap<>();
    for (TileKernel.Definition definition : tile.body()) {
      switch (definition) {
        case TileKernel.Definition.Apply apply ->
            operations.merge(apply.fn().toString(), 1, Integer::sum);
        case TileKernel.Definition.Reduce reduce ->
            operations.merge("reduce " + reduce.reducer(), 1, Integer::sum);
        case TileKernel.Definition.Cast cast ->
            operations.merge("cast " + cast.dtype(), 1, Integer::sum);
        case TileKernel.Definition.Load _,
            TileKernel.Definition.Constant _,
            TileKernel.Definition.IndexValue _ -> {}
      }
    }
    return operations;
  }
}
