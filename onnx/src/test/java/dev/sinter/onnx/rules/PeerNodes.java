package dev.sinter.onnx.rules;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Models of one node that are compared with ONNX Runtime together.
final class PeerNodes {
  private final List<OneNode> all = new ArrayList<>();

  /// One more.
  OneNode node(String opType, long version) {
    OneNode node = new OneNode(opType, version);
    all.add(node);
    return node;
  }

  /// A test for each.
  Stream<DynamicTest> checked(Path folder) {
    return PeerCheck.all(folder, all.toArray(OneNode[]::new));
  }
}
