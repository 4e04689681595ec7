package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.OnnxRuntimePeer;
import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Compares models of one node with what ONNX Runtime makes of them, in the full tier.
final class PeerCheck {
  private PeerCheck() {}

  /// A test for each node. Integers may differ by one, where ONNX Runtime rounds another
  /// intermediate.
  ///
  /// @param folder where files of models may lie
  static Stream<DynamicTest> all(Path folder, OneNode... nodes) {
    assumeTrue(Tier.current() == Tier.FULL, "skipped, because it is part of the full tier");
    return Arrays.stream(nodes)
        .map(node -> DynamicTest.dynamicTest(node.toString(), () -> check(folder, node)));
  }

  private static void check(Path folder, OneNode node) throws IOException {
    Path file = Files.write(folder.resolve("node.onnx"), node.file());
    List<Tensor> theirs;
    try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(file)) {
      theirs = List.copyOf(peer.run(node.given()).values());
    }
    List<Tensor> ours = node.run();
    for (int i = 0; i < theirs.size(); i++) {
      Tensor want = theirs.get(i);
      Tensor got = ours.get(i);
      assertThat(got.dtype()).isEqualTo(want.dtype());
      assertThat(got.shape()).isEqualTo(want.shape());
      boolean isFloat = want.dtype().isFloat();
      for (int j = 0; j < want.size(); j++) {
        double bound = isFloat ? 1e-4 * (1 + Math.abs(want.getDouble(j))) : 1;
        assertThat(Math.abs(got.getDouble(j) - want.getDouble(j)))
            .as("element %d of output %d: %s, not %s", j, i, got.getDouble(j), want.getDouble(j))
            .isLessThanOrEqualTo(bound);
      }
    }
  }
}
