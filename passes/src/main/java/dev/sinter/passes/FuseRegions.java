package dev.sinter.passes;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Constant;
import dev.sinter.passes.FusedGraph.Algorithm;
import dev.sinter.passes.FusedGraph.Body;
import dev.sinter.passes.FusedGraph.Data;
import dev.sinter.passes.FusedGraph.Flow;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.passes.FusedGraph.Part;
import dev.sinter.passes.FusedGraph.Size;
import dev.sinter.passes.FusedGraph.View;
import dev.sinter.passes.ValueReaders.Reader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Gathers the nodes of a graph into parts, so that running them takes as little time as possible.
///
/// From the last node to the first, each finds its home: the kernel of one of its readers, which
/// stores it on the way if others read it as well; the kernels of all of them, where computing it
/// again is cheaper than storing it; or a kernel of its own, which what comes before may join in
/// its turn. [Cluster] says which kernels may take it, [FusionChoice] which of them saves most, by
/// the times of [FusionCost].
final class FuseRegions {
  private final Region region;
  private final ValueReaders readers;
  private final FusionChoice choice;
  private final Map<Node, Integer> position = new HashMap<>();
  private final Map<Node, List<Cluster>> clusters = new HashMap<>();

  private FuseRegions(Region region, Set<Value> replaced) {
    this.region = region;
    this.readers = new ValueReaders(region);
    this.choice = new FusionChoice(readers, clusters, replaced);
  }

  /// The parts of `graph`; its composites are expanded and its gradients answered.
  static FusedGraph fuse(Graph graph) {
    Set<Value> states = new HashSet<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      if (graph.inputs().get(i).role() == Graph.Role.STATE) {
        states.add(graph.input(i));
      }
    }
    return new FusedGraph(graph, body(graph.body(), states));
  }

  private static Body body(Region region, Set<Value> replaced) {
    return new Body(region, new FuseRegions(region, replaced).parts());
  }

  private List<Part> parts() {
    for (int i = 0; i < region.nodes().size(); i++) {
      position.put(region.nodes().get(i), i);
    }
    for (Node node : region.nodes().reversed()) {
      readers.add(node);
      if (ValueReaders.isKernel(node) && !readers.isFree(node)) {
        place(node);
      }
    }
    return sorted();
  }

  private void place(Node node) {
    List<Cluster> homes = homes(node);
    if (homes.isEmpty()) {
      clusters.put(node, List.of(new Cluster(node)));
    } else {
      homes.forEach(home -> home.add(node, readersIn(node, home)));
      clusters.put(node, homes);
    }
  }

  /// The clusters that the node joins; none if it begins its own.
  private List<Cluster> homes(Node node) {
    Set<Cluster> all = new LinkedHashSet<>();
    readers.of(node.result()).forEach(r -> all.addAll(clusters(r.node())));
    List<Cluster> reading = new ArrayList<>(all);
    reading.sort(Comparator.comparingInt(this::begin));
    boolean kernelsOnly = !readers.isKept(node.result());
    boolean shared = !kernelsOnly || reading.size() > 1;
    List<Cluster> fitting = reading.stream().filter(c -> c.fits(node, readersIn(node, c))).toList();
    List<Cluster> storing =
        fitting.stream().filter(c -> !shared || (c.mayStore(node) && !reaches(node, c))).toList();
    boolean anywhere =
        kernelsOnly && shared && FusionRole.isChain(node) && fitting.size() == reading.size();
    return choice.best(node, reading, storing, anywhere);
  }

  private List<Cluster> clusters(Node node) {
    return Objects.requireNonNull(clusters.get(node));
  }

  private List<Reader> readersIn(Node node, Cluster cluster) {
    return readers.of(node.result()).stream()
        .filter(reader -> clusters(reader.node()).contains(cluster))
        .toList();
  }

  private int begin(Cluster cluster) {
    return cluster.nodes().stream().mapToInt(this::position).min().orElse(0);
  }

  private int position(Node node) {
    return Objects.requireNonNull(position.get(node));
  }

  /// Whether a reader of the node outside of `cluster` comes before a node of it.
  private boolean reaches(Node node, Cluster cluster) {
    int last = cluster.nodes().stream().mapToInt(this::position).max().orElse(0);
    Set<Object> seen = new HashSet<>();
    List<Object> open = new ArrayList<>(steps(node, last));
    open.remove(cluster);
    while (!open.isEmpty()) {
      Object next = open.removeLast();
      if (next.equals(cluster)) {
        return true;
      }
      if (seen.add(next)) {
        for (Node member : next instanceof Cluster c ? c.nodes() : List.of((Node) next)) {
          open.addAll(steps(member, last));
        }
      }
    }
    return false;
  }

  /// The clusters, and the nodes up to `last` that are steps of their own, that read a result of
  /// `node`.
  private Set<Object> steps(Node node, int last) {
    Set<Object> steps = new LinkedHashSet<>();
    for (Node user : readers.users(node)) {
      if (clusters.containsKey(user)) {
        steps.addAll(clusters(user));
      } else if (position(user) <= last) {
        steps.add(user);
      }
    }
    return steps;
  }

  private List<Part> sorted() {
    Map<Object, Part> units = new LinkedHashMap<>();
    for (Node node : region.nodes()) {
      if (!ValueReaders.isKernel(node)) {
        units.put(node, part(node));
        continue;
      }
      for (Cluster cluster : clusters.getOrDefault(node, List.of())) {
        if (!units.containsKey(cluster)) {
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
      // A loop's parameters are replaced in each turn.
      case ControlFlow _ ->
          new Flow(
              node, node.regions().stream().map(r -> body(r, Set.copyOf(r.params()))).toList());
      case Extern extern -> new Algorithm(node, extern);
      case RuntimeSize size -> new Size(node, size);
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
            && readers.isFree(definer)
            && nodes.add(definer)) {
          open.add(definer);
        }
      }
    }
    List<Node> ordered = new ArrayList<>(nodes);
    ordered.sort(Comparator.comparingInt(this::position));
    List<Value> outputs = new ArrayList<>();
    for (Node node : cluster.nodes()) {
      if (isStored(node)) {
        outputs.add(node.result());
      }
    }
    outputs.sort(Comparator.comparingInt((Value v) -> -v.type().rank()));
    Set<Node> again = new LinkedHashSet<>();
    for (Node node : cluster.nodes()) {
      if (!clusters(node).getFirst().equals(cluster)) {
        again.add(node);
      }
    }
    return new Group(ordered, outputs, again);
  }

  /// Whether somebody reads the node's result from memory.
  private boolean isStored(Node node) {
    return readers.isKept(node.result())
        || readers.of(node.result()).stream()
            .anyMatch(reader -> !clusters(node).containsAll(clusters(reader.node())));
  }
}
