package dev.sinter.compiler.tune;

import dev.sinter.compiler.KernelCost;
import dev.sinter.compiler.KnownSizes;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.ProductShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A product of a model: the launches that have it.
///
/// @param shape what a table knows it by
/// @param program the program of the costliest launch
/// @param launch the costliest of them
/// @param kernel what it launches
/// @param sizes the values of the program's symbols
/// @param uses how many launches a call of each entry has, turns of loops counted
/// @param flops the operations of all of them
record Work(
    ProductShape shape,
    Program program,
    Step.Launch launch,
    TileKernel kernel,
    KnownSizes sizes,
    long uses,
    double flops) {
  /// The products of a model, the costliest first.
  ///
  /// @param sizes those of each entry
  static List<Work> of(ProgramSet set, CpuTier tier, List<KnownSizes> sizes) {
    Map<ProductShape, Work> found = new LinkedHashMap<>();
    Map<Integer, Optional<ProductShape>> shapes = new HashMap<>();
    for (int i = 0; i < set.entries().size(); i++) {
      Program program = set.entries().get(i);
      for (Counted counted : launches(program.steps(), 1, sizes.get(i))) {
        TileKernel kernel = set.kernels().get(counted.launch().kernel()).tile();
        Optional<ProductShape> shape =
            shapes.computeIfAbsent(counted.launch().kernel(), k -> Schedules.product(kernel, tier));
        if (shape.isPresent()) {
          Work one = work(shape.get(), program, counted, kernel, sizes.get(i));
          found.merge(shape.get(), one, Work::and);
        }
      }
    }
    List<Work> all = new ArrayList<>(found.values());
    all.sort((a, b) -> Double.compare(b.flops(), a.flops()));
    return all;
  }

  /// A launch and how often it runs.
  private record Counted(Step.Launch launch, long times) {}

  private static List<Counted> launches(List<Step> steps, long times, KnownSizes sizes) {
    List<Counted> all = new ArrayList<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Launch launch -> all.add(new Counted(launch, times));
        case Step.Blocks within -> {
          long blocks = times * Math.max(1, sizes.value(within.count()));
          within.inFirst().forEach(launch -> all.add(new Counted(launch, blocks)));
        }
        case Step.Extern _, Step.Measure _ -> {}
        case Step.If(int condition, var then, var otherwise) -> {
          all.addAll(launches(then, times, sizes));
          all.addAll(launches(otherwise, times, sizes));
        }
        case Step.Repeat(var turn, Dim count, var body) ->
            all.addAll(launches(body, times * Math.max(1, sizes.value(count)), sizes));
        case Step.While(int condition, long limit, boolean fails, var test, var body) -> {
          all.addAll(launches(test, times, sizes));
          all.addAll(launches(body, times, sizes));
        }
      }
    }
    return all;
  }

  private static Work work(
      ProductShape shape, Program program, Counted counted, TileKernel kernel, KnownSizes sizes) {
    Map<String, Dim> bound = new HashMap<>();
    for (int i = 0; i < kernel.sizes().size(); i++) {
      bound.put(kernel.sizes().get(i), Dim.of(sizes.value(counted.launch().sizes().get(i))));
    }
    double flops =
        KernelCost.of(kernel).substitute(bound).flops().evaluate(s -> KnownSizes.TYPICAL);
    return new Work(
        shape, program, counted.launch(), kernel, sizes, counted.times(), flops * counted.times());
  }

  /// These together, of which the costlier launch stands for both.
  private static Work and(Work a, Work b) {
    Work more = a.flops() / a.uses() >= b.flops() / b.uses() ? a : b;
    return new Work(
        more.shape,
        more.program,
        more.launch,
        more.kernel,
        more.sizes,
        a.uses + b.uses,
        a.flops + b.flops);
  }
}
