package dev.sinter.passes;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A kernel that sums products of elements of two buffers: a contraction or a convolution, or the
/// gradient of one.
///
/// @param kernel the kernel
/// @param left what is read of the operand that is broadcast, which a convolution's window moves
///   over
/// @param right what is read of the operand that varies along `lane`
/// @param reduced the axes that are summed over
/// @param lane the axis of the result that the lanes of vectors run along
record Product(
    TileKernel kernel,
    Definition.Load left,
    Definition.Load right,
    List<String> reduced,
    String lane) {
  /// A copy pays if each element is used this often.
  private static final long REUSES = 16;

  /// Rows that are read together, and the elements from one to the next, from which on they crowd
  /// one another out of the nearest cache.
  private static final long MANY_ROWS = 128;

  private static final long FAR = 128;

  /// Fewer indices than this are not worth a vector's lanes.
  private static final long FEW = 4;

  /// The product in `kernel`, if there is one whose lanes have something to run along.
  static Optional<Product> of(TileKernel kernel) {
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Reduce reduce
          && reduce.reducer() == Reducer.SUM
          && kernel.body().get(reduce.arg()) instanceof Definition.Apply(ScalarFn fn, var args)
          && fn == ScalarFn.MUL
          && kernel.body().get(args.get(0)) instanceof Definition.Load a
          && widened(kernel, args.get(1)) instanceof Definition.Load b
          && a.guard().isEmpty()
          && b.guard().isEmpty()) {
        return of(kernel, reduce, a, b);
      }
    }
    return Optional.empty();
  }

  /// What a value is, or is made of by a cast, if it is an integer of 8 bits there: weights may be
  /// kept so.
  private static Definition widened(TileKernel kernel, int value) {
    return kernel.body().get(value) instanceof Definition.Cast(var _, int from)
            && kernel.body().get(from) instanceof Definition.Load load
            && kernel.buffers().get(load.buffer()).type().dtype() == DType.I8
        ? load
        : kernel.body().get(value);
  }

  private static Optional<Product> of(
      TileKernel kernel, Definition.Reduce reduce, Definition.Load a, Definition.Load b) {
    boolean window = isWindowed(a) || isWindowed(b);
    List<TileIndex> result = kernel.stores().getFirst().at();
    List<Product> found = new ArrayList<>();
    for (TileIndex index : result.reversed()) {
      if (!(index instanceof TileIndex.At(Dim expr)) || expr.symbolName() == null) {
        continue;
      }
      String axis = expr.symbolName();
      if (!axis.startsWith("%") || reduce.axes().contains(axis) || extent(kernel, axis) < FEW) {
        continue;
      }
      // A window moves over what is broadcast: the lanes run along an axis of the other operand.
      if (isAlong(b, axis) && !mentions(a.at(), axis) && (!window || !isWindowed(b))) {
        found.add(new Product(kernel, a, b, reduce.axes(), axis));
      } else if (isAlong(a, axis) && !mentions(b.at(), axis) && (!window || !isWindowed(a))) {
        found.add(new Product(kernel, b, a, reduce.axes(), axis));
      }
    }
    return found.stream()
        .filter(Product::mixesChannels)
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  /// Whether the lanes' axis takes the place of the one that is summed over, as the channels of a
  /// convolution over two axes or more do, and the other operand has no axis but these two and
  /// those along which all three are batches. Such a product wants its channels last even if no
  /// window moves, as the convolutions beside it do.
  boolean mixesChannels() {
    if (isWindowed(left)) {
      return true;
    }
    List<TileIndex> result = kernel.stores().getFirst().at();
    int at = place(result, lane);
    return at >= 0
        && at < result.size() - 2
        && left.at().size() == result.size()
        && reduced.size() == 1
        && place(left.at(), reduced.getFirst()) == at
        && right.at().stream()
            .allMatch(i ->
                i instanceof TileIndex.At(Dim expr)
                    && axesOf(expr).stream()
                        .allMatch(a ->
                            a.equals(lane)
                                || a.equals(reduced.getFirst())
                                || (place(result, a) >= 0
                                    && place(result, a) < at
                                    && place(left.at(), a) == place(result, a))));
  }

  private static long extent(TileKernel kernel, String axis) {
    for (Axis each : kernel.axes()) {
      if (each.symbol().equals(axis)) {
        return each.extent().evaluate(symbol -> FusionCost.TYPICAL);
      }
    }
    return 1;
  }

  /// Whether some index is a sum of axes.
  private static boolean isWindowed(Definition.Load load) {
    return load.at().stream()
        .anyMatch(i -> i instanceof TileIndex.At(Dim expr) && axesOf(expr).size() > 1);
  }

  private static Set<String> axesOf(Dim expr) {
    Set<String> axes = new TreeSet<>(expr.symbols());
    axes.removeIf(s -> !s.startsWith("%"));
    return axes;
  }

  private static boolean mentions(List<TileIndex> at, String axis) {
    return at.stream()
        .anyMatch(i -> !(i instanceof TileIndex.At(Dim expr)) || axesOf(expr).contains(axis));
  }

  /// Whether exactly one index is the axis, and no other mentions it.
  private static boolean isAlong(Definition.Load load, String axis) {
    return place(load.at(), axis) >= 0;
  }

  private static int place(List<TileIndex> at, String axis) {
    int place = -1;
    for (int d = 0; d < at.size(); d++) {
      if (!(at.get(d) instanceof TileIndex.At(Dim expr))) {
        return -1;
      }
      if (axesOf(expr).contains(axis)) {
        if (place >= 0 || !axis.equals(expr.symbolName())) {
          return -1;
        }
        place = d;
      }
    }
    return place;
  }

  /// The layouts of buffers that have to change for vectors to run along some axis: none where they
  /// do already, where no layout would help, or where some element is used too seldom to pay for
  /// being copied.
  ///
  /// @param layouts how each buffer of the kernel lies
  Map<Integer, Layout> missing(List<Layout> layouts) {
    boolean runs =
        kernel.axes().stream()
            .map(Axis::symbol)
            .filter(a -> extent(kernel, a) >= FEW)
            .anyMatch(a -> reduced.contains(a) ? sumsAlong(a, layouts) : runsAlong(a, layouts));
    if (runs) {
      return packed(layouts);
    }
    Map<Integer, Layout> beside = pictures();
    beside.entrySet().removeIf(e -> e.getValue().equals(layouts.get(e.getKey())));
    if (beside.size() < pictures().size()) {
      return beside.keySet().stream().allMatch(this::isWorthACopy) ? beside : Map.of();
    }
    Map<Integer, Layout> missing = new LinkedHashMap<>();
    for (Access access : accesses()) {
      int at = place(access.at(), lane);
      Layout now = layouts.get(access.buffer());
      Layout wish = now;
      if (at >= 0) {
        boolean packed = access.buffer() == right.buffer() && !isFilterGradient();
        Layout across = packed ? panels(access.at(), at) : Layout.last(at, access.at().size());
        wish = now.order().getLast() == at ? now : across;
      } else if (access.mentions(lane)) {
        return Map.of();
      } else if (access.buffer() == left.buffer() && mixesChannels()) {
        wish = now.order().getLast() == channel() ? now : Layout.last(channel(), left.at().size());
      }
      if (!wish.equals(now)) {
        Layout other = missing.put(access.buffer(), wish);
        if ((other != null && !other.equals(wish)) || !isWorthACopy(access.buffer())) {
          return Map.of();
        }
      }
    }
    return missing;
  }

  /// Whether all that varies along `axis`, the result too, is contiguous along it.
  private boolean runsAlong(String axis, List<Layout> layouts) {
    for (Access access : accesses()) {
      int at = place(access.at(), axis);
      boolean varies = access.writes() || access.mentions(axis);
      if (varies && (at < 0 || layouts.get(access.buffer()).order().getLast() != at)) {
        return false;
      }
    }
    return true;
  }

  /// Whether this is the gradient of a filter, and both pictures are contiguous along the axis of
  /// their batch, which is summed over.
  private boolean sumsAlong(String axis, List<Layout> layouts) {
    return batch().equals(Optional.of(axis))
        && Stream.of(left, right)
            .allMatch(load -> layouts.get(load.buffer()).order().getLast() == 0);
  }

  /// Where the kernel reads or writes a buffer.
  private record Access(int buffer, List<TileIndex> at, boolean writes) {
    boolean mentions(String axis) {
      return Product.mentions(at, axis);
    }
  }

  private List<Access> accesses() {
    List<Access> accesses = new ArrayList<>();
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Load load) {
        accesses.add(new Access(load.buffer(), load.at(), false));
      }
    }
    kernel.stores().forEach(s -> accesses.add(new Access(s.buffer(), s.at(), true)));
    return accesses;
  }

  /// Whether each element of a buffer is used so often that a copy of it costs little beside.
  private boolean isWorthACopy(int buffer) {
    return uses(buffer) >= REUSES;
  }

  /// How often each element of a buffer is used, about.
  double uses(int buffer) {
    return work() / 2 / FusionCost.elements(kernel.buffers().get(buffer).type().shape());
  }

  /// The floating-point operations, about.
  double work() {
    Set<String> axes = new TreeSet<>(reduced);
    for (Definition.Load load : List.of(left, right)) {
      for (TileIndex index : load.at()) {
        if (index instanceof TileIndex.At(Dim expr)) {
          axes.addAll(axesOf(expr));
        }
      }
    }
    double work = 2;
    for (String axis : axes) {
      work *= extent(kernel, axis);
    }
    return work;
  }

  /// Whether the lanes run along rows of the right operand as they lie: panels would be faster to
  /// read, but only what is laid out before a run has them for nothing.
  boolean readsRows() {
    return !isWindowed(left) && place(right.at(), lane) == right.at().size() - 1;
  }

  /// The layouts of operands whose elements lie so far from one to the next of those that are
  /// summed that they crowd one another out of the nearest cache, as those of a linear layer's
  /// weight's gradient do.
  private Map<Integer, Layout> packed(List<Layout> layouts) {
    Map<Integer, Layout> packed = new LinkedHashMap<>();
    for (Definition.Load operand : List.of(left, right)) {
      if (isFar(operand, layouts) && left.buffer() != right.buffer()) {
        packed.put(operand.buffer(), panels(operand.at(), operand.at().size() - 1));
      }
    }
    return packed;
  }

  /// Whether a sum runs over many rows of an operand, and none of it along its rows.
  private boolean isFar(Definition.Load operand, List<Layout> layouts) {
    long turns = 1;
    for (String axis : reduced) {
      turns *= extent(kernel, axis);
    }
    int last = operand.at().size() - 1;
    return turns >= MANY_ROWS
        && layouts.get(operand.buffer()).equals(Layout.rowMajor(operand.at().size()))
        && operand.at().get(last) instanceof TileIndex.At(Dim expr)
        && expr.symbolName() != null
        && !reduced.contains(expr.symbolName())
        && extent(kernel, expr.symbolName()) >= FAR
        && isWorthACopy(operand.buffer());
  }

  /// The layouts that make this product fast, by buffer.
  Map<Integer, Layout> layouts() {
    Map<Integer, Layout> layouts = new LinkedHashMap<>();
    int at = place(right.at(), lane);
    if (!mixesChannels()) {
      layouts.put(right.buffer(), panels(right.at(), at));
      return layouts;
    }
    boolean gradient = isFilterGradient();
    // The columns and channels of a window are one run of memory without padding.
    layouts.put(
        left.buffer(),
        isWindowed(left)
            ? Layout.last(channel(), left.at().size())
            : channelsLast(left.buffer(), channel()));
    layouts.put(
        right.buffer(), gradient ? Layout.last(at, right.at().size()) : panels(right.at(), at));
    for (TileKernel.Store store : kernel.stores()) {
      int channel = place(store.at(), lane);
      if (channel >= 0) {
        Layout layout =
            gradient ? panels(store.at(), channel) : channelsLast(store.buffer(), channel);
        layouts.put(store.buffer(), layout);
      }
    }
    return layouts;
  }

  /// The axis of the batch of pictures, if this product is one of a convolution and its pictures
  /// have it first: it is summed over where the filter is the result, and else no axis of the
  /// filter.
  Optional<String> batch() {
    String axis =
        left.at().getFirst() instanceof TileIndex.At(Dim expr) && expr.symbolName() != null
            ? expr.symbolName()
            : "";
    if (!mixesChannels() || !axis.startsWith("%") || place(left.at(), axis) != 0) {
      return Optional.empty();
    }
    boolean along =
        isFilterGradient()
            ? reduced.contains(axis) && place(right.at(), axis) == 0
            : !mentions(right.at(), axis)
                && kernel.stores().stream().allMatch(s -> place(s.at(), axis) == 0);
    return along ? Optional.of(axis) : Optional.empty();
  }

  /// The layouts that make this product fast where the lanes run along the batch of pictures.
  Map<Integer, Layout> batchLast() {
    if (!mixesChannels()) {
      return layouts();
    }
    Map<Integer, Layout> layouts = new LinkedHashMap<>();
    boolean gradient = isFilterGradient();
    layouts.put(left.buffer(), Layout.last(0, left.at().size()));
    layouts.put(right.buffer(), filterOrPicture(right.at(), !gradient));
    for (TileKernel.Store store : kernel.stores()) {
      layouts.put(store.buffer(), filterOrPicture(store.at(), gradient));
    }
    return layouts;
  }

  private static Layout filterOrPicture(List<TileIndex> at, boolean filter) {
    return filter ? Layout.rowMajor(at.size()) : Layout.last(0, at.size());
  }

  /// The pictures that have a batch, each with it last.
  private Map<Integer, Layout> pictures() {
    Map<Integer, Layout> pictures = new LinkedHashMap<>();
    if (batch().isPresent()) {
      batchLast()
          .forEach((buffer, layout) -> {
            if (layout.order().getLast() == 0) {
              pictures.put(buffer, layout);
            }
          });
    }
    return pictures;
  }

  /// Whether the result is the filter and both operands are pictures: both a convolution and its
  /// gradient sum over one axis of each window and keep the other, and the filter's is the short
  /// one.
  private boolean isFilterGradient() {
    for (TileIndex index : left.at()) {
      if (index instanceof TileIndex.At(Dim expr) && axesOf(expr).size() > 1) {
        for (String axis : axesOf(expr)) {
          if (mentionsResult(axis)) {
            return axesOf(expr).stream()
                .anyMatch(a -> !a.equals(axis) && extent(kernel, axis) < extent(kernel, a));
          }
        }
      }
    }
    return false;
  }

  private boolean mentionsResult(String axis) {
    return kernel.stores().getFirst().at().stream()
        .anyMatch(i -> i instanceof TileIndex.At(Dim expr) && axesOf(expr).contains(axis));
  }

  /// The axis of the left operand that is its channels: the last that no window moves along, or
  /// without a window the one that is summed over.
  private int channel() {
    if (!isWindowed(left)) {
      return place(left.at(), reduced.getFirst());
    }
    for (int d = left.at().size() - 1; d > 0; d--) {
      if (left.at().get(d) instanceof TileIndex.At(Dim expr) && axesOf(expr).size() < 2) {
        return d;
      }
    }
    return left.at().size() - 1;
  }

  /// Channels last, padded to whole vectors unless they are that on every machine.
  private Layout channelsLast(int buffer, int axis) {
    List<Dim> shape = kernel.buffers().get(buffer).type().shape();
    Dim channels = shape.get(axis);
    return !channels.isConstant() || channels.mod(LoopKernel.MOST_LANES).is(0)
        ? Layout.last(axis, shape.size())
        : Layout.padded(axis, shape.size(), Dim.symbol(LoopKernel.LANES));
  }

  /// Panels along `axis`; within them what the other operand has contiguous, its channels, comes
  /// last.
  private Layout panels(List<TileIndex> at, int axis) {
    List<Integer> inner = new ArrayList<>();
    Optional<Integer> contiguous = Optional.empty();
    boolean mixes = mixesChannels();
    int channel = mixes ? channel() : -1;
    for (int d = 0; d < at.size(); d++) {
      if (d == axis) {
        continue;
      }
      boolean same = mixes && at.get(d).equals(left.at().get(channel));
      if (same && contiguous.isEmpty()) {
        contiguous = Optional.of(d);
      } else {
        inner.add(d);
      }
    }
    contiguous.ifPresent(inner::add);
    return new Layout.Panels(axis, Dim.symbol(LoopKernel.LANES), List.of(), inner);
  }
}
