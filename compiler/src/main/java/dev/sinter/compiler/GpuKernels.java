package dev.sinter.compiler;

import dev.sinter.codegen.java.GeneratedNames;
import dev.sinter.codegen.ptx.PtxModule;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.passes.gpu.GpuLowering;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The kernels of a model for a GPU, as far as they have a form there; named as the methods of its
/// Java kernels are.
///
/// @param threads what each thread does, of those kernels that have such a form
/// @param module these as PTX
/// @param refused for the name of each kernel without PTX the reason
public record GpuKernels(
    List<ThreadKernel> threads, PtxModule module, Map<String, String> refused) {
  public GpuKernels {
    threads = List.copyOf(threads);
    refused = new LinkedHashMap<>(refused);
  }

  /// Those of `set`.
  static GpuKernels of(ProgramSet set, GeneratedNames names) {
    List<ThreadKernel> threads = new ArrayList<>();
    Map<String, String> refused = new LinkedHashMap<>();
    for (int k = 0; k < set.kernels().size(); k++) {
      TileKernel tile = set.kernels().get(k).tile();
      String name = names.kernels().get(k);
      Optional<String> reason = GpuLowering.refusal(tile);
      if (reason.isPresent()) {
        refused.put(name, reason.get());
      } else {
        TileKernel named =
            new TileKernel(name, tile.buffers(), tile.axes(), tile.body(), tile.stores());
        threads.add(GpuLowering.lower(named));
      }
    }
    PtxModule module = PtxModule.of(threads);
    module.refused().forEach((name, reason) -> refused.put(name, "PTX has no " + reason));
    return new GpuKernels(threads, module, refused);
  }
}
