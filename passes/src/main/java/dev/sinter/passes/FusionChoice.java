package dev.sinter.passes;

import dev.sinter.ir.Node;
import dev.sinter.ir.Value;
import dev.sinter.passes.ValueReaders.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which of the homes that a node may have saves most time: the kernel of one of its readers, the
/// kernels of all of them, or one of its own. What may be is not decided here ([Cluster] does).
///
/// All is compared with a kernel of its own, which reads the node's operands, writes its result,
/// and leaves the readers to read that.
final class FusionChoice {
  private final ValueReaders readers;
  private final Map<Node, List<Cluster>> clusters;
  private final Set<Value> replaced;
  private final Map<Node, Double> computing = new HashMap<>();

  /// @param clusters the kernels that compute each node, of those that are placed
  /// @param replaced parameters whose memory gets a new content while the region runs: to read them
  ///   again later would mean to save the old one
  FusionChoice(ValueReaders readers, Map<Node, List<Cluster>> clusters, Set<Value> replaced) {
    this.readers = readers;
    this.clusters = clusters;
    this.replaced = replaced;
  }

  /// The clusters that compute the node; none for one of its own.
  ///
  /// @param reading all clusters that read its result
  /// @param homes those of them that may compute it, and write it where others read it too
  /// @param anywhere whether each of them may compute it for itself
  List<Cluster> best(Node node, List<Cluster> reading, List<Cluster> homes, boolean anywhere) {
    List<Cluster> best = List.of();
    double most = 0;
    for (Cluster home : homes) {
      double saved = saved(node, home, reading);
      if (saved > most) {
        most = saved;
        best = List.of(home);
      }
    }
    return anywhere && savedByCopies(node, reading) > most ? reading : best;
  }

  /// The time saved where one cluster computes the node.
  private double saved(Node node, Cluster home, List<Cluster> reading) {
    Value result = node.result();
    boolean written = readers.isKept(result) || reading.size() > 1;
    double saved = FusionCost.LAUNCH + FusionCost.move(result) * (written ? 1 : 2);
    Set<Value> read = FusionCost.reads(home.nodes());
    for (Value source : FusionCost.reads(List.of(node))) {
      saved += read.contains(source) ? FusionCost.move(source) : 0;
    }
    return saved - (turns(node, home) - 1) * computing(node) - lost(node, home);
  }

  /// The time saved where every reader computes the node for itself, and with it the chain that
  /// only this node reads, as far as that pays.
  private double savedByCopies(Node node, List<Cluster> reading) {
    Set<Node> chain = new LinkedHashSet<>(List.of(node));
    double saved = savedByCopies(node, chain, reading);
    boolean grows = true;
    while (grows) {
      grows = false;
      for (Value source : FusionCost.reads(chain)) {
        Node definer = source.definer();
        if (definer != null && isOnlyFor(definer, chain) && FusionRole.isChain(definer)) {
          Set<Node> longer = new LinkedHashSet<>(chain);
          longer.add(definer);
          double more = savedByCopies(node, longer, reading);
          if (more > saved) {
            saved = more;
            chain = longer;
            grows = true;
            break;
          }
        }
      }
    }
    return saved;
  }

  private double savedByCopies(Node node, Set<Node> chain, List<Cluster> reading) {
    double saved = FusionCost.LAUNCH + FusionCost.move(node.result()) * (1 + reading.size());
    boolean needsKernel = false;
    for (Value source : FusionCost.reads(chain)) {
      if (isReplaced(source)) {
        return 0;
      }
      Node definer = source.definer();
      if (definer != null && isOnlyFor(definer, chain)) {
        // A kernel of the node's own would have computed it too.
        needsKernel = true;
        saved -= FusionCost.move(source) * (1 + reading.size());
      } else {
        long more =
            reading.stream().filter(c -> !FusionCost.reads(c.nodes()).contains(source)).count();
        saved -= FusionCost.move(source) * (more - 1);
      }
    }
    for (Node copied : chain) {
      double turns = reading.stream().mapToDouble(cluster -> turns(copied, cluster)).sum();
      saved -= (turns - 1) * computing(copied);
    }
    return needsKernel ? saved - FusionCost.LAUNCH : saved;
  }

  /// How often the cluster computes all of the node: a scalar once for each register tile, of those
  /// that it has and of those that it may get.
  private double turns(Node node, Cluster cluster) {
    boolean tiled =
        cluster.isHeavy()
            || heavy(Set.copyOf(cluster.nodes())).stream()
                .anyMatch(tiles -> cluster.fits(tiles, readers.of(tiles.result())));
    return tiled && isScalar(node) ? FusionCost.tiles(cluster.domain()) : 1;
  }

  private static boolean isScalar(Node node) {
    return node.result().type().shape().isEmpty();
  }

  /// The time lost because a contraction, convolution or window computes scalars for each tile, or
  /// stores rows that are apart, or because one could have had the node, or the cluster, behind its
  /// tiles, and cannot have the cluster with the node.
  private double lost(Node node, Cluster home) {
    double lost =
        home.pad()
            .flatMap(pad -> tilesBefore(node).map(tiles -> FusionCost.apart(tiles, pad)))
            .orElse(0.0);
    if (FusionRole.of(node) == FusionRole.HEAVY) {
      double scalars =
          home.nodes().stream().filter(FusionChoice::isScalar).mapToDouble(this::computing).sum();
      return lost + (FusionCost.tiles(home.domain()) - 1) * scalars;
    }
    Set<Node> own = Set.of(node);
    Set<Node> before = Set.copyOf(home.nodes());
    Set<Node> both = new LinkedHashSet<>(home.nodes());
    both.add(node);
    Cluster after = home.with(node, readersIn(node, home));
    for (Node tiles : heavy(both)) {
      List<Reader> reading = readers.of(tiles.result());
      boolean could =
          isOnlyFor(tiles, own)
              ? new Cluster(node).fits(tiles, reading)
              : isOnlyFor(tiles, before) && home.fits(tiles, reading);
      if (could && !after.fits(tiles, reading)) {
        lost += FusionCost.LAUNCH + 2 * FusionCost.move(tiles.result());
      }
    }
    return lost;
  }

  /// The contraction, convolution or window that the node is, or behind whose tiles it may stand
  /// with what is between them.
  private Optional<Node> tilesBefore(Node node) {
    Set<Node> chain = new LinkedHashSet<>();
    List<Node> open = new ArrayList<>(List.of(node));
    while (!open.isEmpty()) {
      Node next = open.removeLast();
      if (FusionRole.of(next) == FusionRole.HEAVY) {
        return Optional.of(next);
      }
      if (FusionRole.of(next) == FusionRole.MAP && chain.add(next)) {
        for (Value source : FusionCost.reads(List.of(next))) {
          Node definer = source.definer();
          if (definer != null && isOnlyFor(definer, chain)) {
            open.add(definer);
          }
        }
      }
    }
    return Optional.empty();
  }

  /// The contractions, convolutions and windows that only `users` read.
  private List<Node> heavy(Set<Node> users) {
    List<Node> heavy = new ArrayList<>();
    for (Value source : FusionCost.reads(users)) {
      Node definer = source.definer();
      if (definer != null
          && ValueReaders.isKernel(definer)
          && FusionRole.of(definer) == FusionRole.HEAVY
          && isOnlyFor(definer, users)) {
        heavy.add(definer);
      }
    }
    return heavy;
  }

  private List<Reader> readersIn(Node node, Cluster cluster) {
    return readers.of(node.result()).stream()
        .filter(reader -> clusters.getOrDefault(reader.node(), List.of()).contains(cluster))
        .toList();
  }

  /// Whether a kernel computes `node` and nobody but `users` reads its result.
  private boolean isOnlyFor(Node node, Set<Node> users) {
    return ValueReaders.isKernel(node)
        && readers.direct(node).stream()
            .allMatch(user -> users.contains(user) || isFreeOnlyFor(user, users))
        && !readers.isResult(node.result());
  }

  private boolean isFreeOnlyFor(Node node, Set<Node> users) {
    return FusionRole.of(node) == FusionRole.FREE && isOnlyFor(node, users);
  }

  private boolean isReplaced(Value value) {
    Node definer = value.definer();
    return replaced.contains(value)
        || (definer != null
            && !ValueReaders.isKernel(definer)
            && definer.operands().stream().anyMatch(this::isReplaced));
  }

  private double computing(Node node) {
    return computing.computeIfAbsent(node, FusionCost::compute);
  }
}
