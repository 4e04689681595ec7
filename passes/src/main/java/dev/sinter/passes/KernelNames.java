package dev.sinter.passes;

import dev.sinter.ir.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Names of kernels for people.
final class KernelNames {
  /// Ops named in one kernel; the rest is in its comment.
  private static final int MOST = 4;

  /// Ops that say nothing beside others: they only bring operands into shape.
  private static final Set<String> QUIET = Set.of("broadcast", "fill", "reshape");

  private KernelNames() {}

  /// The name of the last named result, then the ops: `hidden_contract_add_relu`.
  static String of(List<Node> nodes) {
    List<String> words = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      String name = node.results().isEmpty() ? "" : node.result(0).name();
      if (!name.isEmpty()) {
        words.add(name);
        break;
      }
    }
    List<String> ops = nodes.stream().map(node -> node.op().mnemonic()).distinct().toList();
    List<String> telling = ops.stream().filter(op -> !QUIET.contains(op)).toList();
    (telling.isEmpty() ? ops : telling).stream().limit(MOST).forEach(words::add);
    String text = String.join("_", words).replaceAll("[^A-Za-z0-9]+", "_");
    String plain = text.replaceAll("^_+|_+$", "").toLowerCase(Locale.ROOT);
    return plain.isEmpty() ? "kernel" : plain;
  }
}
