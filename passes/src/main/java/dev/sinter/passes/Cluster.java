package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reduce;
import dev.sinter.passes.ValueReaders.Reader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A kernel to be, while fusion gathers its nodes, from its last nodes towards the first; it says
/// what may join, not what pays ([FusionChoice] does).
///
/// A node may join where the kernel computes it no more often than a kernel of its own would: at
/// each element of the kernel's domain, or once for each row. The other limit is the length of the
/// kernel's methods: C2 compiles none above 8,000 bytes and schedules badly long before. What
/// stands at every element of a register tile is written out [#TILE] times there.
///
/// A pad that others follow is done where they store: they are computed over its operand's sizes,
/// and nothing else is written.
final class Cluster {
  /// Beyond this many nodes a kernel grows too long for the JIT's limit of a method.
  private static final int MOST_NODES = 48;

  /// The dear functions of vectors in a kernel. C2 inlines nothing more into a method of 18,000
  /// nodes, and one function makes half of them: what it does not inline gets its vectors as
  /// objects.
  private static final int MOST_DEAR = 2;

  /// The vectors of the largest register tile.
  private static final int TILE =
      CpuTier.REGISTERS_32.tiles().stream()
          .mapToInt(tile -> tile.rows() * tile.vectors())
          .max()
          .orElseThrow();

  /// The bytecode of one scalar function of vectors with its load or local, as counted in generated
  /// kernels.
  private static final int BYTES_PER_FUNCTION = 30;

  /// The bytecode of what reads an element of a tensor of the tile's own, its place and mask
  /// included.
  private static final int BYTES_PER_READ = 40;

  /// A contraction's tile of its own has about 1,800 bytes; with what is behind it a method stays
  /// below this, a margin under the limit of 8,000 for biases and for a second result.
  private static final int MOST_TILE_BYTES = 7_400;

  private static final int TILE_BYTES = 1_800;

  /// The axis of a picture that its channels are.
  private static final int CHANNELS = 1;

  private final List<Node> nodes = new ArrayList<>();
  private List<Dim> domain;
  private @Nullable List<Integer> reduced;
  private boolean heavy;

  /// A cluster of one node.
  Cluster(Node node) {
    this.domain = (node.op() instanceof Pad ? node.operand(0) : node.result()).type().shape();
    add(node, List.of());
  }

  private Cluster(Cluster other) {
    nodes.addAll(other.nodes);
    domain = other.domain;
    reduced = other.reduced;
    heavy = other.heavy;
  }

  /// The nodes without copies of free ones, last first.
  List<Node> nodes() {
    return nodes;
  }

  /// The sizes over which the cluster's nodes are computed.
  List<Dim> domain() {
    return domain;
  }

  /// The sizes of what is computed once for each row, where the cluster works by rows.
  @Nullable List<Dim> rows() {
    return reduced == null ? null : kept(reduced, domain);
  }

  /// Whether a contraction, convolution or window is in it: everything is computed at each of its
  /// tiles.
  boolean isHeavy() {
    return heavy;
  }

  /// The pad into whose result the cluster writes, if it is one.
  Optional<Pad> pad() {
    return nodes.getFirst().op() instanceof Pad pad ? Optional.of(pad) : Optional.empty();
  }

  /// The nodes whose elements are computed over the domain, or once for all of it.
  private Stream<Node> computed() {
    return nodes.stream().filter(node -> !(node.op() instanceof Pad));
  }

  /// Takes in a node.
  ///
  /// @param inside those of its readers that are here
  void add(Node node, Collection<Reader> inside) {
    nodes.add(node);
    switch (FusionRole.of(node)) {
      case HEAVY, ALONE -> heavy = true;
      case REDUCTION -> {
        reduced = ((Reduce) node.op()).axes();
        domain = node.operand(0).type().shape();
      }
      case MAP -> {
        List<Dim> shape = node.result().type().shape();
        if (reduced == null && !spread(inside).isEmpty() && !shape.isEmpty()) {
          reduced = IntStream.range(shape.size(), domain.size()).boxed().toList();
        }
      }
      case FREE, PLACED_MAP -> {}
    }
  }

  /// This cluster with one more node, to see what may join then.
  Cluster with(Node node, Collection<Reader> inside) {
    Cluster cluster = new Cluster(this);
    cluster.add(node, inside);
    return cluster;
  }

  /// Whether a node may join.
  ///
  /// @param inside those of its readers that are here
  boolean fits(Node node, Collection<Reader> inside) {
    return nodes.size() < MOST_NODES
        && hasRoomForFunctions(node)
        && inside.stream().allMatch(reader -> absorbs(reader, node))
        && admits(node, spread(inside));
  }

  private static Set<Broadcast> spread(Collection<Reader> readers) {
    Set<Broadcast> spread = new LinkedHashSet<>();
    readers.forEach(reader -> spread.addAll(reader.spread()));
    return spread;
  }

  /// Whether a reader takes the node's result from registers.
  private static boolean absorbs(Reader reader, Node node) {
    boolean pad = reader.node().op() instanceof Pad;
    boolean inPlace =
        reader.direct()
            && (reader.node().op() instanceof Pointwise
                || reader.node().op() instanceof Cast
                || pad);
    boolean takes =
        switch (FusionRole.of(reader.node())) {
          case FREE, REDUCTION -> true;
          case MAP -> !FusionRole.computedOperands(reader.node()).contains(reader.operand());
          case PLACED_MAP -> pad && reader.direct();
          case HEAVY, ALONE -> false;
        };
    return takes && (FusionRole.of(node) != FusionRole.HEAVY || inPlace);
  }

  private boolean admits(Node node, Set<Broadcast> spread) {
    List<Dim> shape = node.result().type().shape();
    return switch (FusionRole.of(node)) {
      case FREE, PLACED_MAP, ALONE -> false;
      case MAP -> (!heavy || hasRoomBehindATile(node)) && admitsMap(shape, spread);
      case REDUCTION -> !heavy && admits((Reduce) node.op(), node, spread);
      // Every node of the cluster is computed where the heavy one is.
      case HEAVY ->
          !heavy
              && reduced == null
              && spread.isEmpty()
              && shape.equals(domain)
              && hasRoomBehindATile(node)
              && pad().stream().allMatch(pad -> keepsLanes(pad, node))
              && computed().map(n -> n.result().type().shape()).allMatch(this::isWholeOrScalar);
    };
  }

  /// Whether a pad leaves the axis alone that the lanes of vectors run along when the node is
  /// computed: a picture's channels. Of other products no such axis is certain.
  private static boolean keepsLanes(Pad pad, Node heavy) {
    return switch (((Primitive) heavy.op()).kind()) {
      case CONVOLUTION, WINDOW, TRANSFORM -> !pad.isAlong(CHANNELS);
      case INDEXING -> heavy.result().type().rank() > CHANNELS + 1 && !pad.isAlong(CHANNELS);
      case REDUCTION, CONTRACTION, SCATTER, GENERAL -> false;
    };
  }

  private boolean isWholeOrScalar(List<Dim> shape) {
    return shape.isEmpty() || shape.equals(domain);
  }

  private boolean admitsMap(List<Dim> shape, Set<Broadcast> spread) {
    if (spread.isEmpty() || shape.isEmpty()) {
      return true;
    }
    // The first value of rows makes the kernel one that works by rows.
    boolean begins =
        shape.size() < domain.size() && shape.equals(domain.subList(0, shape.size())) && !heavy;
    return (reduced == null ? begins : shape.equals(rows()) && isRow(reduced, domain))
        && alongRows(shape.size(), spread);
  }

  private boolean admits(Reduce reduce, Node node, Set<Broadcast> spread) {
    List<Dim> operand = node.operand(0).type().shape();
    if (reduced == null && spread.isEmpty()) {
      // What follows a reduction element by element.
      return node.result().type().shape().equals(domain);
    }
    if (!operand.equals(domain) || (reduced != null && !reduced.equals(reduce.axes()))) {
      return false;
    }
    return spread.isEmpty()
        || (isRow(reduce.axes(), operand) && alongRows(node.result().type().rank(), spread));
  }

  /// Whether what is repeated is repeated within each row.
  private boolean alongRows(int rank, Set<Broadcast> spread) {
    List<Integer> rows = IntStream.range(0, rank).boxed().toList();
    return spread.stream().allMatch(b -> b.axes().equals(rows) && b.shape().equals(domain));
  }

  /// What is computed for rows is computed with scalars.
  private boolean hasRoomForFunctions(Node more) {
    int rank = domain.size();
    int own = FusionRole.dear(more);
    return own == 0
        || own
                + nodes.stream()
                    .filter(n -> n.result().type().rank() == rank)
                    .mapToInt(FusionRole::dear)
                    .sum()
            <= MOST_DEAR;
  }

  private boolean hasRoomBehindATile(Node more) {
    List<Node> behind =
        Stream.concat(computed(), Stream.of(more))
            .filter(node -> FusionRole.of(node) != FusionRole.HEAVY)
            .toList();
    long functions = behind.stream().mapToLong(FusionRole::functions).sum();
    long reads =
        behind.stream()
            .filter(node -> FusionRole.of(node) != FusionRole.FREE)
            .flatMap(node -> node.operands().stream())
            .filter(
                value -> FusionCost.elements(value.type().shape()) >= FusionCost.elements(domain))
            .filter(value -> value.definer() == null || !isInside(value.definer(), more))
            .distinct()
            .count();
    long each = functions * BYTES_PER_FUNCTION + reads * BYTES_PER_READ;
    return TILE_BYTES + each * TILE <= MOST_TILE_BYTES;
  }

  private boolean isInside(Node node, Node more) {
    return node.equals(more) || nodes.contains(node) || FusionRole.of(node) == FusionRole.FREE;
  }

  /// Whether the cluster may write the node's result for others too: it is no pad's, and there is
  /// an axis that is not reduced, so that threads can share the work.
  boolean mayStore(Node node) {
    List<Dim> shape = node.result().type().shape();
    List<Dim> rows = rows();
    boolean parallel =
        reduced == null || rows == null || (!rows.isEmpty() && isRow(reduced, domain));
    return pad().isEmpty() && parallel && (shape.equals(domain) || shape.equals(rows));
  }

  /// Whether the last axes are reduced, which a kernel walks in memory's order.
  private static boolean isRow(List<Integer> reduced, List<Dim> shape) {
    int first = shape.size() - reduced.size();
    return !reduced.isEmpty()
        && reduced.equals(IntStream.range(first, shape.size()).boxed().toList());
  }

  private static List<Dim> kept(List<Integer> reduced, List<Dim> shape) {
    List<Dim> out = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      if (!reduced.contains(i)) {
        out.add(shape.get(i));
      }
    }
    return out;
  }
}
