package dev.sinter.passes;

import dev.sinter.ir.Graph;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.Program;
import java.util.List;

/// Sees what the stages make: to verify it, to dump it, to explain it.
public interface Watcher {
  /// Looks at nothing.
  Watcher NONE = new Watcher() {};

  /// A pass made another graph.
  ///
  /// @param pass the pass's name
  default void changed(String pass, Graph graph) {}

  /// A graph was cut into kernels.
  default void fused(FusedGraph graph) {}

  /// A program is done.
  ///
  /// @param kernels the kernels so far, by number
  default void lowered(Program program, List<TileKernel> kernels) {}
}
