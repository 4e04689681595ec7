package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.CpuKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.ProgramSet;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// From a model's graph to its programs.
public final class Passes {
  private Passes() {}

  /// How a tier of CPUs does what a kernel computes.
  @FunctionalInterface
  public interface Schedule {
    /// The loops of `kernel` on `tier`.
    LoopKernel loops(TileKernel kernel, CpuTier tier);
  }

  /// The programs of a model for CPUs; the kernels are shared by its entries.
  public static ProgramSet lower(ModelGraph model, Schedule schedule) {
    KernelTable table = new KernelTable();
    List<Program> entries = new ArrayList<>();
    for (Graph entry : model.entries()) {
      entries.add(program(entry, table));
    }
    List<CpuKernel> kernels = new ArrayList<>();
    for (TileKernel tile : table.kernels()) {
      Map<CpuTier, LoopKernel> loops = new EnumMap<>(CpuTier.class);
      for (CpuTier tier : CpuTier.values()) {
        loops.put(tier, schedule.loops(tile, tier));
      }
      kernels.add(new CpuKernel(tile, loops));
    }
    return new ProgramSet(model, kernels, weights(entries), entries);
  }

  /// The program of one entry; its kernels go to `table`.
  static Program program(Graph entry, KernelTable table) {
    Graph graph = ExpandComposites.expand(entry);
    FusedGraph fused = FuseRegions.fuse(graph);
    return new Lower(table).program(fused);
  }

  private static List<ProgramSet.PackedWeight> weights(List<Program> entries) {
    Map<String, ProgramSet.PackedWeight> weights = new LinkedHashMap<>();
    for (Program entry : entries) {
      for (Program.Buffer buffer : entry.buffers()) {
        if (buffer.origin() instanceof Origin.Weight(String name)) {
          weights.putIfAbsent(name, new ProgramSet.PackedWeight(name, buffer.layout()));
        }
      }
    }
    return List.copyOf(weights.values());
  }
}
