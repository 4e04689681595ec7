package dev.sinter.passes;

import dev.sinter.ir.Composite;
import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Reshape;
import dev.sinter.passes.FusedGraph.Algorithm;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Data;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Gathers the nodes of a graph into parts, so that as few values as possible go through memory.
///
/// From the last node to the first, each joins the kernel of its readers where that kernel would
/// compute it no more often than alone ([Cluster] says when): chains of maps, reductions with what
/// they read and what follows them, maps after a contraction. What others read as well is stored on
/// the way; the kernel that comes first takes it, so that no two kernels wait for each other.
final class FuseRegions {
  private final Region region;
  private final Map<Value, List<Reader>> readers = new HashMap<>();
  private final Set<Value> kept = new HashSet<>();
  private final Map<Node, Integer> position = new HashMap<>();
  private final Map<Node, Cluster> clusters = new HashMap<>();

  /// Who reads a value: operand `operand` of `node`, repeated on the way by `spread`.
  private record Reader(Node node, int operand, Set<Broadcast> spread, boolean direct) {}

  private FuseRegions(Region region) {
    this.region = region;
  }

  /// The parts of `graph`; its composites are expanded and its gradients answered.
  static FusedGraph fuse(Graph graph) {
    return new FusedGraph(graph, body(graph.body()));
  }

  private static Body body(Region region) {
    return new Body(region, new FuseRegions(region).parts());
  }

  private List<Part> parts() {
    kept.addAll(region.results());
    for (int i = 0; i < region.nodes().size(); i++) {
      position.put(region.nodes().get(i), i);
    }
    for (Node node : region.nodes().reversed()) {
      findReaders(node);
      if (isKernel(node)) {
        place(node);
      } else {
        kept.addAll(node.operands());
      }
    }
    return sorted();
  }

  /// Whether a kernel computes the node; the rest are steps of their own, or none.
  private static boolean isKernel(Node node) {
    return switch (node.op()) {
      case Pointwise _ -> true;
      case Reshape _ -> FusionRole.of(node) == FusionRole.FREE;
      case Constant constant -> constant.tensor().size() == 1;
      case Primitive _ -> true;
      case ControlFlow _, Extern _ -> false;
      case Composite _, Gradient _ ->
          throw new CompilerBug("FuseRegions", node.op().mnemonic() + " is left in the graph");
    };
  }

  /// Whether each kernel that needs the node's result computes it.
  private boolean isFree(Node node) {
    return isKernel(node)
        && FusionRole.of(node) == FusionRole.FREE
        && !kept.contains(node.result());
  }

  /// Tells the node's operands who reads them; a free node passes that on to its own readers.
  private void findReaders(Node node) {
    if (!isKernel(node)) {
      return;
    }
    FusionRole.computedOperands(node).forEach(i -> kept.add(node.operand(i)));
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

  private List<Reader> of(Value value) {
    return readers.getOrDefault(value, List.of());
  }

  private void add(Value value, Reader reader) {
    readers.computeIfAbsent(value, _ -> new ArrayList<>()).add(reader);
  }

  private void place(Node node) {
    if (isFree(node)) {
      return;
    }
    Cluster home = home(node);
    if (home == null) {
      clusters.put(node, new Cluster(node));
    } else {
      home.add(node);
      clusters.put(node, home);
    }
  }

  /// The cluster that the node joins, if there is one.
  private @Nullable Cluster home(Node node) {
    List<Reader> all = of(node.result());
    Set<Cluster> reading = new LinkedHashSet<>();
    all.forEach(r -> reading.add(cluster(r.node())));
    boolean kernelsOnly = !kept.contains(node.result());
    List<Cluster> candidates = new ArrayList<>(reading);
    candidates.sort(Comparator.comparingInt(this::begin));
    for (Cluster candidate : candidates) {
      List<Reader> inside = all.stream().filter(r -> cluster(r.node()).equals(candidate)).toList();
      boolean alone = kernelsOnly && reading.size() == 1;
      if (fits(node, candidate, inside)
          && (alone || (mayStore(node, candidate) && !reaches(node, candidate)))) {
        return candidate;
      }
    }
    return null;
  }

  private Cluster cluster(Node node) {
    return Objects.requireNonNull(clusters.get(node));
  }

  private int begin(Cluster cluster) {
    return cluster.nodes().stream().mapToInt(this::position).min().orElse(0);
  }

  private int position(Node node) {
    return Objects.requireNonNull(position.get(node));
  }

  private boolean fits(Node node, Cluster cluster, List<Reader> inside) {
    Set<Broadcast> spread = new LinkedHashSet<>();
    for (Reader reader : inside) {
      spread.addAll(reader.spread());
      boolean inPlace =
          reader.direct()
              && (reader.node().op() instanceof Pointwise || reader.node().op() instanceof Cast);
      boolean absorbs =
          switch (FusionRole.of(reader.node())) {
            case FREE -> true;
            case MAP -> !FusionRole.computedOperands(reader.node()).contains(reader.operand());
            case REDUCTION -> true;
            case PLACED_MAP, HEAVY, ALONE -> false;
          };
      if (!absorbs || (FusionRole.of(node) == FusionRole.HEAVY && !inPlace)) {
        return false;
      }
    }
    return cluster.admits(node, spread);
  }

  /// Whether the cluster may write the node's result for others too.
  private static boolean mayStore(Node node, Cluster cluster) {
    List<Dim> shape = node.result().type().shape();
    return cluster.isParallel() && (shape.equals(cluster.domain()) || shape.equals(cluster.rows()));
  }

  /// Whether a reader of the node outside of `cluster` comes before a node of it.
  private boolean reaches(Node node, Cluster cluster) {
    int last = cluster.nodes().stream().mapToInt(this::position).max().orElse(0);
    Set<Node> seen = new HashSet<>();
    List<Node> open = new ArrayList<>();
    for (Node reader : users(node)) {
      if (!cluster.equals(clusters.get(reader))) {
        open.add(reader);
      }
    }
    while (!open.isEmpty()) {
      Node next = open.removeLast();
      if (!seen.add(next)) {
        continue;
      }
      Cluster own = clusters.get(next);
      if (cluster.equals(own)) {
        return true;
      }
      for (Node member : own == null ? List.of(next) : own.nodes()) {
        for (Node user : users(member)) {
          if (position(user) <= last || clusters.containsKey(user)) {
            open.add(user);
          }
        }
      }
    }
    return false;
  }

  /// The nodes of other roles than free that need a result of `node`.
  private Set<Node> users(Node node) {
    Set<Node> out = new LinkedHashSet<>();
    for (Value result : node.results()) {
      of(result).forEach(reader -> out.add(reader.node()));
    }
    for (Node other : region.nodes()) {
      if (!isKernel(other) && other.operands().stream().anyMatch(node.results()::contains)) {
        out.add(other);
      }
    }
    return out;
  }

  private List<Part> sorted() {
    Map<Object, Part> units = new java.util.LinkedHashMap<>();
    for (Node node : region.nodes()) {
      if (!isKernel(node)) {
        units.put(node, part(node));
      } else {
        Cluster cluster = clusters.get(node);
        if (cluster != null && !units.containsKey(cluster)) {
          Group group = group(cluster);
          if (!group.outputs().isEmpty()) {
            units.put(cluster, group);
          }
        }
      }
    }
    return PartOrder.sorted(List.copyOf(units.values()));
  }

  private static Part part(Node node) {
    return switch (node.op()) {
      case ControlFlow _ -> new Flow(node, node.regions().stream().map(FuseRegions::body).toList());
      case Extern extern -> new Algorithm(node, extern);
      case Constant constant -> new Data(node, constant.tensor());
      default -> new View(node);
    };
  }

  private Group group(Cluster cluster) {
    Set<Node> nodes = new HashSet<>(cluster.nodes());
    List<Node> open = new ArrayList<>(cluster.nodes());
    while (!open.isEmpty()) {
      for (Value operand : open.removeLast().operands()) {
        Node definer = operand.definer();
        if (definer != null
            && position.containsKey(definer)
            && isFree(definer)
            && nodes.add(definer)) {
          open.add(definer);
        }
      }
    }
    List<Node> ordered = new ArrayList<>(nodes);
    ordered.sort(Comparator.comparingInt(this::position));
    List<Value> outputs = new ArrayList<>();
    for (Node node : cluster.nodes()) {
      boolean stored =
          kept.contains(node.result())
              || of(node.result()).stream().anyMatch(r -> !cluster.equals(cluster(r.node())));
      if (stored) {
        outputs.add(node.result());
      }
    }
    outputs.sort(Comparator.comparingInt((Value v) -> -v.type().rank()));
    return new Group(ordered, outputs);
  }
}
