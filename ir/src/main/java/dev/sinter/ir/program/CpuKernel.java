package dev.sinter.ir.program;

import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import java.util.List;

/// A kernel for the CPU: what it computes, and how, for each tier.
///
/// @param tile what it computes
/// @param loops how, in the order of [CpuTier]
public record CpuKernel(TileKernel tile, List<LoopKernel> loops) {
  public CpuKernel {
    loops = List.copyOf(loops);
    if (loops.size() != CpuTier.values().length) {
      throw new IllegalArgumentException("a kernel has one variant for each tier");
    }
  }

  /// The variant for `tier`.
  public LoopKernel loops(CpuTier tier) {
    return loops.get(tier.ordinal());
  }
}
