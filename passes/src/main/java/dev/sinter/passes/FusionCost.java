package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What it costs and what it saves to compute nodes in one kernel.
///
/// * Saved are bytes of memory: a value that only its own kernel reads is neither written nor read
///   back, one that others read too is written once and not read by this kernel.
/// * Nothing is computed more often than it would be alone, save for free nodes (repeating,
///   counting, constants), so the price is the length of the kernel's methods: C2 compiles none
///   above 8,000 bytes and schedules badly long before. What stands at every element of a register
///   tile is written out [#TILE] times there.
final class FusionCost {
  /// Beyond this many nodes a kernel grows too long for the JIT's limit of a method.
  static final int MOST_NODES = 48;

  /// The vectors of the largest register tile: 8 rows of 2.
  private static final int TILE = 16;

  /// The bytecode of one scalar function of vectors with its load or local, as counted in generated
  /// kernels.
  private static final int BYTES_PER_FUNCTION = 25;

  /// A contraction's tile of its own has about 1,500 bytes; with the functions behind it a method
  /// stays below this, a margin under the limit of 8,000 for loads of biases and residuals.
  private static final int MOST_TILE_BYTES = 6_400;

  private static final int TILE_BYTES = 1_500;

  private FusionCost() {}

  /// Whether a kernel of a contraction, convolution or window has room for `after`, which is
  /// computed at each element of its register tile.
  static boolean fitsTile(List<Node> after) {
    int functions = after.stream().mapToInt(FusionRole::functions).sum();
    return TILE_BYTES + functions * BYTES_PER_FUNCTION * TILE <= MOST_TILE_BYTES;
  }

  /// The bytes of memory that need not be moved because `nodes` are one kernel.
  ///
  /// @param outputs what the kernel writes
  static Dim bytesSaved(List<Node> nodes, List<Value> outputs) {
    Set<Value> written = new HashSet<>(outputs);
    Dim saved = Dim.ZERO;
    for (Node node : nodes) {
      if (FusionRole.of(node) == FusionRole.FREE) {
        continue;
      }
      for (Value result : node.results()) {
        long reads = nodes.stream().filter(n -> n.operands().contains(result)).count();
        long moves = reads == 0 ? 0 : reads + (written.contains(result) ? 0 : 1);
        int bits = result.type().dtype().bits();
        saved = saved.plus(result.type().size().times(bits).ceilDiv(Dim.of(8)).times(moves));
      }
    }
    return saved;
  }
}
