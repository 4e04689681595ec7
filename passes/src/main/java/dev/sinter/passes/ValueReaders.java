package dev.sinter.passes;

import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Reshape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Who reads each value of a region, and which values have to be in memory whoever reads them.
/// Fusion adds the nodes from the last to the first.
final class ValueReaders {
  private final Set<Value> results;
  private final Map<Value, Set<Node>> direct = new HashMap<>();
  private final Map<Value, List<Reader>> readers = new HashMap<>();
  private final Set<Value> kept = new HashSet<>();
  private final Map<String, List<Node>> sized = new HashMap<>();

  /// Who reads a value: operand `operand` of `node`, repeated on the way by `spread`.
  ///
  /// @param direct whether nothing that is free stands between
  record Reader(Node node, int operand, Set<Broadcast> spread, boolean direct) {}

  ValueReaders(Region region) {
    results = Set.copyOf(region.results());
    kept.addAll(results);
    for (Node node : region.nodes()) {
      node.operands().forEach(v -> direct.computeIfAbsent(v, _ -> new LinkedHashSet<>()).add(node));
    }
    if (region.nodes().stream().anyMatch(node -> node.op() instanceof RuntimeSize)) {
      for (Node node : region.nodes()) {
        node.sizes().forEach(s -> sized.computeIfAbsent(s, _ -> new ArrayList<>()).add(node));
      }
    }
  }

  /// Whether a kernel computes the node; the rest are steps of their own, or none.
  static boolean isKernel(Node node) {
    return switch (node.op()) {
      case Pointwise _ -> true;
      case Reshape _ -> FusionRole.of(node) == FusionRole.FREE;
      case Constant constant -> constant.tensor().size() == 1;
      case Primitive _ -> true;
      case ControlFlow _, Extern _, RuntimeSize _, BitCast _ -> false;
      case Composite _, Gradient _ ->
          throw new CompilerBug("FuseRegions", node.op().mnemonic() + " is left in the graph");
    };
  }

  /// Whether each kernel that needs the node's result computes it.
  boolean isFree(Node node) {
    return isKernel(node) && FusionRole.of(node) == FusionRole.FREE && !isKept(node.result());
  }

  /// Whether a value has to be in memory whichever kernels read it.
  boolean isKept(Value value) {
    return kept.contains(value);
  }

  /// The kernels' nodes that read `value`, through free nodes too.
  List<Reader> of(Value value) {
    return readers.getOrDefault(value, List.of());
  }

  /// Tells the node's operands who reads them; a free node passes that on to its own readers.
  void add(Node node) {
    if (!isKernel(node)) {
      kept.addAll(node.operands());
      return;
    }
    FusionRole.computedOperands(node).forEach(i -> kept.add(node.operand(i)));
    if (FusionRole.of(node) == FusionRole.HEAVY) {
      node.operands().forEach(this::keepComputed);
    }
    Set<Broadcast> repeats =
        node.op() instanceof Broadcast broadcast ? Set.of(broadcast) : Set.of();
    if (!isFree(node)) {
      for (int i = 0; i < node.operands().size(); i++) {
        add(node.operand(i), new Reader(node, i, repeats, true));
      }
      return;
    }
    for (Reader reader : of(node.result())) {
      Set<Broadcast> spread = new LinkedHashSet<>(reader.spread());
      spread.addAll(repeats);
      node.operands().forEach(v -> add(v, new Reader(reader.node(), -1, spread, false)));
    }
  }

  /// Keeps what is computed of counters, and perhaps repeated, if it is an operand of tiles: their
  /// rows share what is loaded, and nothing else.
  private void keepComputed(Value operand) {
    Value value = operand;
    while (value.definer() != null && value.definer().op() instanceof Broadcast) {
      value = value.definer().operand(0);
    }
    Node definer = value.definer();
    if (definer != null
        && definer.op() instanceof Pointwise
        && FusionRole.of(definer) == FusionRole.FREE) {
      kept.add(value);
    }
  }

  private void add(Value value, Reader reader) {
    readers.computeIfAbsent(value, _ -> new ArrayList<>()).add(reader);
  }

  /// All nodes of the region that read a result of `node`, free ones too, added or not.
  Set<Node> direct(Node node) {
    Set<Node> out = new LinkedHashSet<>();
    node.results().forEach(result -> out.addAll(direct.getOrDefault(result, Set.of())));
    return out;
  }

  /// Whether the region gives the value to whoever runs it.
  boolean isResult(Value value) {
    return results.contains(value);
  }

  /// The nodes of other roles than free that need a result of `node`, or the size that it tells.
  Set<Node> users(Node node) {
    Set<Node> out = new LinkedHashSet<>();
    for (Value result : node.results()) {
      of(result).forEach(reader -> out.add(reader.node()));
    }
    direct(node).stream().filter(user -> !isKernel(user)).forEach(out::add);
    if (node.op() instanceof RuntimeSize size) {
      for (Node user : sized.getOrDefault(size.symbol(), List.of())) {
        if (isFree(user)) {
          of(user.result()).forEach(reader -> out.add(reader.node()));
        } else {
          out.add(user);
        }
      }
    }
    return out;
  }
}
