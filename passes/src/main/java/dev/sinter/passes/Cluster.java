package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Reduce;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A kernel to be, while fusion gathers its nodes: from its last nodes towards the first.
final class Cluster {
  private final List<Node> nodes = new ArrayList<>();
  private List<Dim> domain;
  private @Nullable Reduce reduction;
  private boolean heavy;

  /// A cluster of one node.
  Cluster(Node node) {
    this.domain = node.result().type().shape();
    add(node);
  }

  /// The nodes without copies of free ones, last first.
  List<Node> nodes() {
    return nodes;
  }

  /// The sizes over which the cluster's nodes are computed.
  List<Dim> domain() {
    return domain;
  }

  /// The sizes of what is computed once for each row, where the cluster reduces rows.
  @Nullable List<Dim> rows() {
    return reduction == null ? null : kept(reduction, domain);
  }

  /// Takes in a node whose readers it has.
  void add(Node node) {
    nodes.add(node);
    switch (FusionRole.of(node)) {
      case HEAVY, ALONE -> heavy = true;
      case REDUCTION -> {
        reduction = (Reduce) node.op();
        domain = node.operand(0).type().shape();
      }
      case FREE, MAP, PLACED_MAP -> {}
    }
  }

  /// Whether a node whose readers are here may join.
  ///
  /// @param spread how readers repeat the node's result along axes that it does not have
  boolean admits(Node node, Set<Broadcast> spread) {
    List<Dim> shape = node.result().type().shape();
    if (nodes.size() >= FusionCost.MOST_NODES) {
      return false;
    }
    return switch (FusionRole.of(node)) {
      case FREE, PLACED_MAP, ALONE -> false;
      case MAP ->
          spread.isEmpty() || shape.isEmpty() || (shape.equals(rows()) && alongRows(spread));
      case REDUCTION -> !heavy && admits((Reduce) node.op(), node, spread);
      // Every node of the cluster is computed where the heavy one is.
      case HEAVY ->
          !heavy
              && reduction == null
              && spread.isEmpty()
              && shape.equals(domain)
              && FusionCost.fitsTile(nodes)
              && nodes.stream().map(n -> n.result().type().shape()).allMatch(this::isWholeOrScalar);
    };
  }

  private boolean isWholeOrScalar(List<Dim> shape) {
    return shape.isEmpty() || shape.equals(domain);
  }

  private boolean admits(Reduce reduce, Node node, Set<Broadcast> spread) {
    List<Dim> operand = node.operand(0).type().shape();
    if (reduction == null && spread.isEmpty()) {
      // What follows a reduction element by element.
      return node.result().type().shape().equals(domain);
    }
    if (!operand.equals(domain) || (reduction != null && !reduction.axes().equals(reduce.axes()))) {
      return false;
    }
    return spread.isEmpty() || (isRow(reduce, operand) && alongRows(reduce, spread));
  }

  private boolean alongRows(Set<Broadcast> spread) {
    return reduction != null && isRow(reduction, domain) && alongRows(reduction, spread);
  }

  /// Whether what is repeated is repeated within each row.
  private boolean alongRows(Reduce reduce, Set<Broadcast> spread) {
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < domain.size() - reduce.axes().size(); i++) {
      rows.add(i);
    }
    return spread.stream().allMatch(b -> b.axes().equals(rows) && b.shape().equals(domain));
  }

  /// Whether a value that others read as well may be written by this cluster: there is an axis that
  /// is not reduced, so that threads can share the work.
  boolean isParallel() {
    List<Dim> rows = rows();
    return rows == null || (!rows.isEmpty() && reduction != null && isRow(reduction, domain));
  }

  /// Whether the last axes are reduced, which a kernel walks in memory's order.
  private static boolean isRow(Reduce reduce, List<Dim> operand) {
    int first = operand.size() - reduce.axes().size();
    for (int i = 0; i < reduce.axes().size(); i++) {
      if (reduce.axes().get(i) != first + i) {
        return false;
      }
    }
    return !reduce.axes().isEmpty();
  }

  private static List<Dim> kept(Reduce reduce, List<Dim> shape) {
    List<Dim> out = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!reduce.axes().contains(i)) {
        out.add(shape.get(i));
      }
    }
    return out;
  }
}
