package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Launches, one after the other, that can run block by block: each computes what lies in a block
/// from what the ones before it have computed in the same block, and from what none of them writes.
///
/// Blocks are apart along axes of the first launch's product that its left operand has. Every later
/// launch has an axis for each of them, by which it writes all of its results and reads all that
/// the chain has written, so that no two blocks meet.
///
/// @param axes those along which blocks are apart, under their names in the first launch
/// @param byRows whether a block has several indices of the last of them, and one of the others
/// @param written the memory that the links write, by the buffer that it belongs to
/// @param read the memory that they read and do not write
record BlockChain(
    Program program,
    List<Axis> axes,
    boolean byRows,
    List<Link> links,
    Map<Integer, Walked> written,
    Set<Integer> read) {
  /// Rows in a block: whole register tiles of any tier.
  static final long ROWS = 64;

  BlockChain {
    axes = List.copyOf(axes);
    links = List.copyOf(links);
    written = Map.copyOf(written);
    read = Set.copyOf(read);
  }

  /// A launch, what it computes in the symbols of the program, and for some of its axes the number
  /// of the chain's that each is.
  record Link(Step.Launch launch, TileKernel kernel, Map<String, Integer> along) {
    /// Where the kernel reads or writes a buffer.
    private record Access(int buffer, List<TileIndex> at) {}

    private List<Access> accesses() {
      List<Access> accesses = new ArrayList<>();
      kernel.stores().forEach(store -> accesses.add(new Access(store.buffer(), store.at())));
      kernel.body().stream()
          .filter(Definition.Load.class::isInstance)
          .map(Definition.Load.class::cast)
          .forEach(load -> accesses.add(new Access(load.buffer(), load.at())));
      return accesses;
    }

    private Axis axis(String symbol) {
      return kernel.axes().stream()
          .filter(a -> a.symbol().equals(symbol))
          .findFirst()
          .orElseThrow();
    }

    private List<Dim> shape(int slot) {
      return kernel.buffers().get(slot).type().shape();
    }
  }

  /// The sizes of memory, and for each of them the number of the chain's axis that it is walked
  /// along, -1 for none.
  record Walked(List<Dim> shape, List<Integer> along) {}

  /// The chains without links that may begin with a launch, the one with the smallest blocks first.
  ///
  /// @param kernel what it computes, in the symbols of the program
  static List<BlockChain> beginnings(Program program, TileKernel kernel) {
    Optional<Product> product = Product.of(kernel).filter(BlockChain::isContraction);
    if (product.isEmpty()) {
      return List.of();
    }
    List<Axis> batches = new ArrayList<>();
    List<Axis> rows = new ArrayList<>();
    for (TileIndex index : kernel.stores().getFirst().at()) {
      String symbol = symbol(index);
      if (mentions(product.get().left().at(), symbol)) {
        List<Axis> kind = mentions(product.get().right().at(), symbol) ? batches : rows;
        kernel.axes().stream().filter(a -> a.symbol().equals(symbol)).forEach(kind::add);
      }
    }
    List<BlockChain> chains = new ArrayList<>();
    if (!rows.isEmpty()) {
      Dim extent = rows.getLast().extent();
      boolean several = !extent.isConstant() || extent.constant() > ROWS;
      List<Axis> all = new ArrayList<>(batches);
      all.addAll(several ? rows : rows.subList(0, rows.size() - 1));
      chains.add(new BlockChain(program, all, several, List.of(), Map.of(), Set.of()));
    }
    chains.add(new BlockChain(program, batches, false, List.of(), Map.of(), Set.of()));
    chains.removeIf(chain ->
        chain.axes.isEmpty()
            || chain.axes.stream().anyMatch(axis -> RuntimeSize.isIn(axis.extent())));
    return chains;
  }

  private static boolean isContraction(Product product) {
    return Stream.of(product.left(), product.right())
        .flatMap(load -> load.at().stream())
        .allMatch(i ->
            i instanceof TileIndex.At(Dim expr)
                && (expr.isConstant() || expr.symbolName() != null));
  }

  /// The chain with a launch behind the others, if that can be done block by block as they are.
  ///
  /// @param kernel what it computes, in the symbols of the program
  Optional<BlockChain> with(Step.Launch launch, TileKernel kernel) {
    Map<String, Integer> along = new LinkedHashMap<>();
    Link link = new Link(launch, kernel, along);
    if (links.isEmpty()) {
      axes.forEach(axis -> along.put(axis.symbol(), along.size()));
    } else if (!findAxes(link)) {
      return Optional.empty();
    }
    if (!isApart(link) || readsTheSame(link)) {
      return Optional.empty();
    }
    Map<Integer, Walked> writes = new HashMap<>(written);
    for (TileKernel.Store store : kernel.stores()) {
      List<Integer> walked =
          store.at().stream().map(index -> along.getOrDefault(symbol(index), -1)).toList();
      int root = root(link, store.buffer());
      Walked now = new Walked(link.shape(store.buffer()), walked);
      Walked before = writes.putIfAbsent(root, now);
      if (read.contains(root) || (before != null && !before.equals(now))) {
        return Optional.empty();
      }
    }
    Set<Integer> reads = new HashSet<>(read);
    launch.buffers().forEach(buffer -> reads.add(program.root(buffer)));
    reads.removeAll(writes.keySet());
    List<Link> more = new ArrayList<>(links);
    more.add(link);
    return Optional.of(new BlockChain(program, axes, byRows, more, writes, reads));
  }

  /// Finds which axes of a kernel are the chain's, by what it reads and writes of the chain's
  /// memory; whether it has all of them, and all of that is in the block.
  private boolean findAxes(Link link) {
    Map<Integer, String> found = new HashMap<>();
    for (Link.Access access : link.accesses()) {
      Walked walked = written.get(root(link, access.buffer()));
      if (walked == null) {
        continue;
      }
      if (!walked.shape().equals(link.shape(access.buffer()))) {
        return false;
      }
      for (int d = 0; d < walked.along().size(); d++) {
        int axis = walked.along().get(d);
        if (axis < 0) {
          continue;
        }
        String symbol = symbol(access.at().get(d));
        if (!symbol.startsWith("%")
            || link.along().getOrDefault(symbol, axis) != axis
            || !found.getOrDefault(axis, symbol).equals(symbol)
            || !link.axis(symbol).extent().equals(axes.get(axis).extent())) {
          return false;
        }
        link.along().put(symbol, axis);
        found.put(axis, symbol);
      }
    }
    return found.size() == axes.size();
  }

  /// Whether a kernel writes other elements in each block, and sums over none of the chain's axes.
  private static boolean isApart(Link link) {
    Set<String> along = link.along().keySet();
    boolean sums =
        link.kernel().body().stream()
            .anyMatch(d ->
                d instanceof Definition.Reduce reduce
                    && reduce.axes().stream().anyMatch(along::contains));
    return !sums
        && link.kernel().stores().stream()
            .allMatch(store ->
                store.accumulate().isEmpty()
                    && along.stream().allMatch(axis -> mentions(store.at(), axis)));
  }

  /// Whether a product has an operand that is the same for all blocks, as weights are: each block
  /// would read all of it again.
  private static boolean readsTheSame(Link link) {
    return Product.of(link.kernel()).stream()
        .flatMap(product -> Stream.of(product.left(), product.right()))
        .anyMatch(load -> link.along().keySet().stream().noneMatch(a -> mentions(load.at(), a)));
  }

  /// The memory that only the chain's launches use, and all of them block by block.
  ///
  /// @param uses how many launches of the program use memory, by the buffer that it belongs to
  Set<Integer> within(Map<Integer, Integer> uses) {
    Set<Integer> within = new HashSet<>(written.keySet());
    for (int b = 0; b < program.buffers().size(); b++) {
      Buffer buffer = program.buffers().get(b);
      Walked walked = written.get(program.root(b));
      boolean free =
          walked != null
              && buffer.origin().equals(new Origin.Temporary())
              && buffer.shape().equals(walked.shape())
              && buffer.layout().equals(Layout.rowMajor(buffer.shape().size()));
      if (!free) {
        within.remove(program.root(b));
      }
    }
    within.removeIf(root ->
        links.stream().filter(link -> isUsed(link.launch(), root)).count()
            < uses.getOrDefault(root, 0));
    return within;
  }

  /// The memory that a launch reads of what those before it have written, as often as it is.
  List<Integer> handedOn() {
    List<Integer> handedOn = new ArrayList<>();
    Set<Integer> before = new HashSet<>();
    for (Link link : links) {
      before.stream().filter(root -> isUsed(link.launch(), root)).forEach(handedOn::add);
      link.kernel().stores().forEach(store -> before.add(root(link, store.buffer())));
    }
    return handedOn;
  }

  private boolean isUsed(Step.Launch launch, int root) {
    return launch.buffers().stream().anyMatch(buffer -> program.root(buffer) == root);
  }

  private int root(Link link, int slot) {
    return program.root(link.launch().buffers().get(slot));
  }

  /// How many blocks there are.
  Dim count() {
    Dim count = Dim.ONE;
    for (int axis = 0; axis < axes.size(); axis++) {
      count = count.times(count(axis));
    }
    return count;
  }

  /// How many blocks there are one behind the other along an axis.
  Dim count(int axis) {
    Dim extent = axes.get(axis).extent();
    return isOfRows(axis) ? extent.ceilDiv(Dim.of(ROWS)) : extent;
  }

  /// Whether a block has several indices of an axis.
  boolean isOfRows(int axis) {
    return byRows && axis == axes.size() - 1;
  }

  /// The axis that an index is, or nothing.
  static String symbol(TileIndex index) {
    return index instanceof TileIndex.At(Dim expr)
        ? Optional.ofNullable(expr.symbolName()).orElse("")
        : "";
  }

  private static boolean mentions(List<TileIndex> at, String axis) {
    return at.stream().anyMatch(index -> symbol(index).equals(axis));
  }
}
