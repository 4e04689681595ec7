package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.passes.BlockChain.Link;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Writes a [BlockChain] as a step. An axis along which blocks are apart is no axis of a kernel any
/// more but an index that a launch passes in as it does sizes; of rows it is their first and their
/// number. What stays within the chain has no such axes either, and as many rows as a block.
///
/// Before: `axis %0 < H`, `axis %1 < T`, `store scores[%0, %1, %2]`. After, with `index` and `from`
/// passed in: `axis %1 < rows`, `store scores[%1, %2]`, and what is read of others at `[index, from
/// + %1, ...]`.
final class BlockSteps {
  private final BlockChain chain;
  private final Set<Integer> within;
  private final Set<String> taken = new HashSet<>();
  private final List<Step.Blocks.Index> indices = new ArrayList<>();
  private final List<Dim> firsts = new ArrayList<>();
  private final String block;
  private final Dim rows;

  /// @param within the memory of each thread, by the buffer that it belongs to
  BlockSteps(BlockChain chain, Set<Integer> within) {
    this.chain = chain;
    this.within = within;
    chain.program().dims().forEach(dim -> taken.add(dim.symbol()));
    this.block = fresh("block");
    findFirsts();
    this.rows = rows();
  }

  private String fresh(String name) {
    String symbol = name;
    for (int i = 2; !taken.add(symbol); i++) {
      symbol = name + i;
    }
    return symbol;
  }

  /// Gives a number of the block a name.
  private Dim named(String name, Dim value) {
    String symbol = fresh(name);
    indices.add(new Step.Blocks.Index(symbol, value));
    return Dim.symbol(symbol);
  }

  /// Finds the first index of a block along each axis.
  private void findFirsts() {
    Dim rest = Dim.symbol(block);
    for (int axis = chain.axes().size() - 1; axis >= 0; axis--) {
      Dim at = rest;
      if (axis > 0) {
        Dim count = chain.count(axis);
        rest = named(axis == 1 ? "index" : "rest", rest.floorDiv(count));
        at = at.minus(rest.times(count));
      }
      if (chain.isOfRows(axis)) {
        at = named("from", at.times(BlockChain.ROWS));
      } else if (at.symbolName() == null) {
        at = named("index", at);
      }
      firsts.addFirst(at);
    }
  }

  /// How many rows there are from the first of a block on, at most a whole block's.
  private Dim rows() {
    if (!chain.byRows()) {
      return Dim.ONE;
    }
    Dim extent = chain.axes().getLast().extent();
    return extent.mod(BlockChain.ROWS).is(0)
        ? Dim.of(BlockChain.ROWS)
        : named("rows", extent.minus(firsts.getLast()).min(Dim.of(BlockChain.ROWS)));
  }

  /// The step.
  ///
  /// @param table gets the kernels
  Step step(KernelTable table) {
    List<Step.Launch> body = new ArrayList<>();
    for (Link link : chain.links()) {
      body.add(table.relaunch(link.launch(), kernel(link)));
    }
    return new Step.Blocks(block, chain.count(), indices, body);
  }

  /// A buffer that is memory of each thread.
  Buffer buffer(int number) {
    Buffer buffer = chain.program().buffers().get(number);
    List<Dim> shape = shape(number);
    return new Buffer(
        buffer.name(),
        buffer.dtype(),
        shape,
        Layout.rowMajor(shape.size()),
        new Origin.Temporary(true),
        buffer.alias(),
        buffer.live());
  }

  /// Whether a buffer is memory of each thread.
  boolean isWithin(int buffer) {
    return within.contains(chain.program().root(buffer));
  }

  private List<Integer> along(int buffer) {
    return Objects.requireNonNull(chain.written().get(chain.program().root(buffer))).along();
  }

  private List<Dim> shape(int buffer) {
    List<Dim> shape = new ArrayList<>();
    for (int d = 0; d < along(buffer).size(); d++) {
      int axis = along(buffer).get(d);
      if (axis < 0) {
        shape.add(chain.program().buffers().get(buffer).shape().get(d));
      } else if (chain.isOfRows(axis)) {
        shape.add(Dim.of(BlockChain.ROWS));
      }
    }
    return shape;
  }

  private TileKernel kernel(Link link) {
    TileKernel whole = link.kernel();
    Map<String, Dim> bindings = new HashMap<>();
    List<Axis> axes = new ArrayList<>();
    for (Axis axis : whole.axes()) {
      Integer along = link.along().get(axis.symbol());
      if (along == null) {
        axes.add(axis);
        continue;
      }
      Dim first = firsts.get(along);
      if (chain.isOfRows(along)) {
        axes.add(new Axis(axis.symbol(), rows));
        bindings.put(axis.symbol(), first.plus(axis.index()));
      } else {
        bindings.put(axis.symbol(), first);
      }
    }
    TileKernel inBlock =
        KernelTable.substitute(
            new TileKernel(whole.name(), whole.buffers(), axes, whole.body(), whole.stores()),
            bindings);
    List<TileKernel.Buffer> buffers = new ArrayList<>();
    for (int slot = 0; slot < whole.buffers().size(); slot++) {
      TileKernel.Buffer buffer = whole.buffers().get(slot);
      int number = link.launch().buffers().get(slot);
      if (isWithin(number)) {
        List<Dim> shape = shape(number);
        buffer =
            new TileKernel.Buffer(
                buffer.name(), buffer.type().withShape(shape), Layout.rowMajor(shape.size()));
      }
      buffers.add(buffer);
    }
    List<Definition> body = new ArrayList<>();
    for (int d = 0; d < whole.body().size(); d++) {
      body.add(
          whole.body().get(d) instanceof Definition.Load load
                  && inBlock.body().get(d) instanceof Definition.Load moved
              ? new Definition.Load(
                  load.buffer(), at(link, load.buffer(), load.at(), moved.at()), load.guard())
              : inBlock.body().get(d));
    }
    List<TileKernel.Store> stores = new ArrayList<>();
    for (int s = 0; s < whole.stores().size(); s++) {
      TileKernel.Store store = whole.stores().get(s);
      List<TileIndex> moved = inBlock.stores().get(s).at();
      stores.add(
          new TileKernel.Store(
              store.buffer(),
              at(link, store.buffer(), store.at(), moved),
              store.value(),
              store.accumulate()));
    }
    return new TileKernel(whole.name(), buffers, axes, body, stores);
  }

  /// Where a buffer is read or written: what stays within the chain at the index less the block's
  /// first, all else at the index itself.
  private List<TileIndex> at(Link link, int slot, List<TileIndex> whole, List<TileIndex> moved) {
    int number = link.launch().buffers().get(slot);
    if (!isWithin(number)) {
      return moved;
    }
    List<TileIndex> at = new ArrayList<>();
    for (int d = 0; d < whole.size(); d++) {
      int axis = along(number).get(d);
      if (axis < 0) {
        at.add(moved.get(d));
      } else if (chain.isOfRows(axis)) {
        at.add(whole.get(d));
      }
    }
    return at;
  }
}
