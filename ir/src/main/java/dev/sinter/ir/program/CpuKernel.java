package dev.sinter.ir.program;

import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import java.util.Map;
import java.util.Objects;

/// A kernel for the CPU: what it computes, and how, for each tier.
///
/// @param tile what it computes
/// @param loops how, for every [CpuTier]
public record CpuKernel(TileKernel tile, Map<CpuTier, LoopKernel> loops) {
  public CpuKernel {
    loops = Map.copyOf(loops);
    if (loops.size() != CpuTier.values().length) {
      throw new IllegalArgumentException("a kernel has one variant for each tier");
    }
  }

  /// The variant for `tier`.
  public LoopKernel loops(CpuTier tier) {
    return Objects.requireNonNull(loops.get(tier));
  }
}
