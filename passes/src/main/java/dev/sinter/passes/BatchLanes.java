package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides whether the lanes of vectors run along the batch of pictures instead of along their
/// channels.
///
/// Six channels leave ten of sixteen lanes idle in all that a network does with pictures; a batch
/// of 64 leaves none. Pictures then lie as `[channels, rows, columns, batch]`, all of an entry's:
/// what a network has in one layout needs no conversion.
final class BatchLanes {
  /// How much more work the lanes must do than they have to before the batch is better: a window
  /// over pictures takes more of the cache then.
  private static final double GAIN = 1.25;

  private BatchLanes() {}

  /// Whether they pay for `program`: all its convolutions have a batch whose size is known, and it
  /// fills vectors better than their channels do.
  ///
  /// @param kernels what the launches of the program name
  /// @param usual the size that a symbol has in most calls, where that is known
  static boolean pay(Program program, List<TileKernel> kernels, Map<String, Dim> usual) {
    double along = 0;
    double across = 0;
    for (Step.Launch launch : program.launches()) {
      TileKernel kernel = kernels.get(launch.kernel());
      Map<String, Dim> sizes = new HashMap<>();
      for (int i = 0; i < kernel.sizes().size(); i++) {
        sizes.put(kernel.sizes().get(i), launch.sizes().get(i).substitute(usual));
      }
      Optional<Product> found =
          Product.of(KernelTable.substitute(kernel, sizes)).filter(Product::mixesChannels);
      if (found.isPresent()) {
        Product product = found.get();
        Optional<Dim> batch = product.batch().map(axis -> extent(product, axis));
        if (batch.filter(Dim::isConstant).isEmpty()) {
          return false;
        }
        along += product.work() * idle(batch.get());
        across += product.work() * idle(extent(product, product.lane()));
      }
    }
    return across > GAIN * along;
  }

  private static Dim extent(Product product, String axis) {
    return product.kernel().axes().stream()
        .filter(a -> a.symbol().equals(axis))
        .map(Axis::extent)
        .findFirst()
        .orElse(Dim.ONE);
  }

  /// The lanes of whole vectors beside those in use; a size that is only known when the model runs
  /// is taken for a large one.
  private static double idle(Dim length) {
    if (!length.isConstant() || length.constant() == 0) {
      return 1;
    }
    long vectors = Math.ceilDiv(length.constant(), LoopKernel.MOST_LANES);
    return (double) vectors * LoopKernel.MOST_LANES / length.constant();
  }
}
