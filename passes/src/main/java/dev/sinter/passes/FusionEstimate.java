package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.ir.program.Program.Fusion;
import dev.sinter.passes.FusedGraph.Group;
import java.util.Collection;
import java.util.List;

/// What is said about a kernel by the numbers that fusion decided by.
final class FusionEstimate {
  private FusionEstimate() {}

  /// The kernel of `group` beside kernels of single ops; what another kernel computes too is
  /// counted there.
  static Fusion of(Group group) {
    double time = FusionCost.time(group.nodes(), group.outputs());
    double apart = 0;
    Dim bytes = bytes(group.nodes(), group.outputs()).times(-1);
    for (Node node : group.nodes()) {
      if (FusionRole.of(node) != FusionRole.FREE && !group.again().contains(node)) {
        apart += FusionCost.time(List.of(node), node.results());
        bytes = bytes.plus(bytes(List.of(node), node.results()));
      }
    }
    if (apart == 0) {
      return new Fusion(Dim.ZERO, time, 0, List.of());
    }
    List<String> again = group.again().stream().map(node -> node.op().mnemonic()).toList();
    return new Fusion(bytes, time, apart - time, again);
  }

  private static Dim bytes(Collection<Node> nodes, Collection<Value> outputs) {
    Dim bytes = Dim.ZERO;
    for (Value read : FusionCost.reads(nodes)) {
      bytes = bytes.plus(bytes(read));
    }
    for (Value written : outputs) {
      bytes = bytes.plus(bytes(written));
    }
    return bytes;
  }

  private static Dim bytes(Value value) {
    int bits = value.type().dtype().bits();
    return value.type().size().times(bits).ceilDiv(Dim.of(8));
  }
}
