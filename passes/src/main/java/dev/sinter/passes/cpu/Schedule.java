package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import dev.sinter.passes.tuning.Choices;
import dev.sinter.passes.tuning.ProductTile;
import dev.sinter.passes.tuning.ProductTile.Walk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// How a kernel is done: which loops are outside, which axis lies along the lanes, and how many
/// copies of a body a register tile holds.
///
/// @param outer the axes of the loops around everything, outermost first
/// @param lane the one of them along the lanes of vectors
/// @param vectors how many vectors along it are done at a time
/// @param rows how many indices of other axes are done at a time
/// @param isHeavy whether a tile is so much work that it is a function of its own
/// @param readsItsResult whether what is written is also read, so that no thread may do again what
///   another has done
/// @param fits which axes may lie along lanes at all; empty for scalar kernels
record Schedule(
    List<String> outer,
    Optional<String> lane,
    int vectors,
    Map<String, Integer> rows,
    boolean isHeavy,
    boolean readsItsResult,
    Optional<Vectors> fits) {
  /// The tile of a product whose reduced axis lies along the lanes. More sums than this are more
  /// than C2 inlines, for what follows the last whole vector sums as many.
  private static final int MOST_SUMS = 16;

  private static final int MOST_PAIR = 8;

  /// Cycles from one addition to a sum to the next.
  private static final double FMA_CYCLES = 4;

  /// Cycles of a turn beside its loads and sums.
  private static final double TURN_CYCLES = 1;

  /// The bytes that the second cache keeps while rows of pictures take turns, on most machines.
  private static final long CACHED = 1 << 19;

  /// The schedule for `tier`: what `choices` know of it, and what is estimated where they do not.
  static Schedule of(FlatKernel kernel, CpuTier tier, Choices choices) {
    List<String> outer = new ArrayList<>(outerAxes(kernel));
    boolean heavy =
        kernel.values().stream().anyMatch(v -> v.definition() instanceof Definition.Reduce);
    boolean again = kernel.isInPlace() || Spill.of(kernel).isPresent();
    if (tier == CpuTier.SCALAR) {
      return new Schedule(outer, Optional.empty(), 1, Map.of(), false, again, Optional.empty());
    }
    boolean whole = kernel.writes().stream().allMatch(w -> outer.containsAll(w.axes()));
    Vectors fits = new Vectors(kernel, tier.registers());
    // A store with loops of its own has its lanes there if it can.
    boolean inside =
        kernel.writes().stream()
            .map(w -> order(kernel, w).stream().filter(a -> !outer.contains(a)).toList())
            .anyMatch(rest -> !rest.isEmpty() && fits.fit(rest.getLast()));
    Optional<String> lane =
        inside ? Optional.empty() : outer.reversed().stream().filter(fits::fit).findFirst();
    if (whole && !heavy && lane.isEmpty()) {
      // What divides an index belongs outside of the innermost loop of scalars.
      outer.sort(Comparator.comparing(axis -> isLinear(kernel, axis)));
    }
    Optional<String> reused =
        lane.flatMap(l ->
            outer.reversed().stream()
                .filter(a -> !a.equals(l) && isReused(kernel, a, l) && isReused(kernel, l, a))
                .findFirst());
    boolean row = reused.isEmpty() && lane.filter(l -> isSpread(kernel, l)).isPresent();
    ProductTile tile =
        lane.filter(l -> heavy && (row || reused.isPresent()))
            .flatMap(l -> MeasuredShape.of(kernel, tier, l, reused))
            .flatMap(choices::tile)
            .orElseGet(() -> {
              OptionalLong height = row ? OptionalLong.of(1) : length(kernel, reused);
              int together = lane.map(kernel::vectorsAlong).orElse(1);
              return ProductTile.estimated(
                  tier, height, length(kernel, lane), loops(kernel, lane), together);
            });
    boolean tiled = row || reused.isPresent() || !Reductions.areWrittenOut(kernel);
    int vectors = heavy && whole && tiled ? tile.vectors() : 1;
    Map<String, Integer> rows = new LinkedHashMap<>();
    if (heavy && whole) {
      reused.ifPresent(a -> rows.put(a, atMost(kernel.axis(a).extent(), tile.rows())));
      if (lane.isEmpty()) {
        rows.putAll(pair(kernel, outer, fits, again));
      }
    }
    if (!rows.isEmpty()) {
      // Down: the rows run within the vectors, so that the next row reads what one has read.
      lane.ifPresent(l -> {
        outer.remove(l);
        int at = outer.indexOf(rows.keySet().iterator().next());
        if (tile.walk() == Walk.DOWN) {
          while (at > 0 && isLarge(kernel, outer.get(at - 1), l)) {
            at--;
          }
        } else {
          at++;
        }
        outer.add(at, l);
      });
    }
    return new Schedule(
        List.copyOf(outer),
        lane,
        vectors,
        rows,
        heavy && !rows.isEmpty(),
        again,
        Optional.of(fits));
  }

  /// The elements of the vectors that are done at a time.
  Dim step() {
    return Dim.symbol(LoopKernel.LANES).times(vectors);
  }

  /// What writes the loops of a function of `kernel`, whose locals are called by `names`.
  NestBuilder nest(FlatKernel kernel, LocalNames names) {
    return new NestBuilder(kernel, names, fits.orElse(null));
  }

  /// Whether an axis is so many vectors long, times some number, on every machine.
  static boolean isWhole(Dim extent, int vectors) {
    return extent.mod((long) LoopKernel.MOST_LANES * vectors).is(0);
  }

  /// Two axes of a product whose reduced axis lies along the lanes.
  private static Map<String, Integer> pair(
      FlatKernel kernel, List<String> outer, Vectors fits, boolean again) {
    boolean lanes =
        kernel.values().stream()
            .anyMatch(v ->
                v.definition() instanceof Definition.Reduce r
                    && r.axes().stream().anyMatch(fits::fitReduced));
    for (int j = outer.size() - 1; lanes && j > 0; j--) {
      for (int i = j - 1; i >= 0; i--) {
        String a = outer.get(i);
        String b = outer.get(j);
        if (isReused(kernel, a, b) && isReused(kernel, b, a)) {
          return pair(kernel, a, b, fits.registers(), again);
        }
      }
    }
    return Map.of();
  }

  /// How many loops, one in the other, a sum has at most in tiles along `lane`.
  private static int loops(FlatKernel kernel, Optional<String> lane) {
    int most = 0;
    for (Value value : kernel.values()) {
      if (value.definition() instanceof Definition.Reduce reduce) {
        List<Integer> alone = List.of(value.number());
        ReducedLoops loops = ReducedLoops.of(kernel, alone, reduce.axes());
        ReducedLoops tiled = lane.map(l -> loops.inTiles(kernel, alone, l)).orElse(loops);
        most = Math.max(most, tiled.axes().size() - tiled.together() + 1);
      }
    }
    return most;
  }

  private static OptionalLong length(FlatKernel kernel, Optional<String> axis) {
    Optional<Dim> extent = axis.map(a -> kernel.axis(a).extent()).filter(Dim::isConstant);
    return extent.isPresent() ? OptionalLong.of(extent.get().constant()) : OptionalLong.empty();
  }

  private static int atMost(Dim extent, int wish) {
    return extent.isConstant() ? Math.clamp(extent.constant(), 1, wish) : wish;
  }

  /// The rows of a tile along two axes whose sums have lanes of their own, each result a vector
  /// until it is joined: those that take the least time, what tiles at the ends do twice included.
  private static Map<String, Integer> pair(
      FlatKernel kernel, String a, String b, int registers, boolean again) {
    Map<String, Integer> best = Map.of();
    double least = Double.MAX_VALUE;
    for (int down = 1; down <= MOST_PAIR; down++) {
      for (int across = 1; across <= MOST_PAIR; across++) {
        int sums = down * across;
        boolean held = sums <= MOST_SUMS && sums + Math.min(down, across) + 1 <= registers;
        if (held && mayTake(kernel, a, down, again) && mayTake(kernel, b, across, again)) {
          double cycles = Math.max(FMA_CYCLES, Math.max(sums, down + across) / 2.0) + TURN_CYCLES;
          double time = cycles / sums * waste(kernel, a, down) * waste(kernel, b, across);
          if (time < least) {
            least = time;
            best = new LinkedHashMap<>();
            best.put(a, down);
            best.put(b, across);
          }
        }
      }
    }
    return best;
  }

  /// Whether tiles of `count` indices may be used: a tile at the end is shifted over the one before
  /// it, which must not be where what is written is also read.
  private static boolean mayTake(FlatKernel kernel, String axis, int count, boolean again) {
    Dim extent = kernel.axis(axis).extent();
    return (!extent.isConstant() || count <= extent.constant())
        && (!again || extent.mod(count).is(0));
  }

  /// What tiles of `count` indices do of an axis, as a multiple of it.
  private static double waste(FlatKernel kernel, String axis, int count) {
    Dim extent = kernel.axis(axis).extent();
    return extent.isConstant()
        ? (double) Math.ceilDiv(extent.constant(), count) * count / extent.constant()
        : 1;
  }

  /// Whether a reduction reads something that varies along `other` and not along `axis`, so that
  /// several indices of `axis` can share it.
  private static boolean isReused(FlatKernel kernel, String axis, String other) {
    return !shared(kernel, axis, other).isEmpty();
  }

  /// Whether all indices of `axis` read the same along `lane`, and more than a cache keeps from one
  /// to the next.
  private static boolean isLarge(FlatKernel kernel, String axis, String lane) {
    long bytes = 0;
    for (Value load : shared(kernel, axis, lane)) {
      Dim size = Dim.product(load.axes().stream().map(a -> kernel.axis(a).extent()).toList());
      bytes += size.isConstant() ? size.constant() * load.dtype().bits() / 8 : 0;
    }
    return bytes > CACHED;
  }

  /// What reductions read that varies along `other` and not along `axis`.
  private static List<Value> shared(FlatKernel kernel, String axis, String other) {
    List<Value> shared = new ArrayList<>();
    for (Value part : kernel.values()) {
      if (part.definition() instanceof Definition.Load
          && part.axes().contains(other)
          && !part.axes().contains(axis)
          && kernel.values().stream()
              .anyMatch(v ->
                  v.definition() instanceof Definition.Reduce
                      && v.axes().contains(axis)
                      && v.axes().contains(other)
                      && kernel.uses(v.number(), part.number()))) {
        shared.add(part);
      }
    }
    return shared;
  }

  /// Whether a reduction reads something that does not vary along `lane`: a product of one row.
  private static boolean isSpread(FlatKernel kernel, String lane) {
    for (Value value : kernel.values()) {
      if (value.definition() instanceof Definition.Reduce reduce && value.axes().contains(lane)) {
        for (Value part : kernel.values()) {
          if (part.definition() instanceof Definition.Load
              && !part.axes().contains(lane)
              && reduce.axes().stream().anyMatch(part.axes()::contains)
              && kernel.uses(value.number(), part.number())) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /// Whether all places go up by the same for each step along `axis`.
  private static boolean isLinear(FlatKernel kernel, String axis) {
    return Stream.concat(
            kernel.writes().stream().map(Write::place), kernel.values().stream().map(Value::place))
        .allMatch(place -> place.coefficient(axis) != null);
  }

  /// The axes that every store runs over and no reduction does, outermost first.
  private static List<String> outerAxes(FlatKernel kernel) {
    Set<String> common = new LinkedHashSet<>(order(kernel, kernel.writes().getFirst()));
    kernel.writes().forEach(w -> common.retainAll(w.axes()));
    for (Value value : kernel.values()) {
      if (value.definition() instanceof Definition.Reduce reduce) {
        common.removeAll(reduce.axes());
      }
    }
    return List.copyOf(common);
  }

  /// The axes of a store in the order of its memory, outermost first.
  static List<String> order(FlatKernel kernel, Write write) {
    Set<String> order = new LinkedHashSet<>();
    Layout layout = kernel.source().buffers().get(write.store().buffer()).layout();
    for (int axis : layout.order()) {
      if (write.store().at().get(axis) instanceof TileIndex.At(Dim expr)) {
        order.addAll(FlatKernel.axesOf(expr));
      }
    }
    order.retainAll(write.axes());
    order.addAll(write.axes());
    return List.copyOf(order);
  }

  /// Whether two indices of `axis` never write the same element, so that threads may share them.
  static boolean isDisjoint(FlatKernel kernel, String axis) {
    for (Write write : kernel.writes()) {
      if (kernel.source().buffers().get(write.store().buffer()).type().dtype().bits() < 8) {
        return false;
      }
      List<TileIndex> at = write.store().at();
      boolean certain =
          write.store().accumulate().isEmpty()
              && at.stream().allMatch(i -> i instanceof TileIndex.At);
      boolean own =
          at.stream()
              .anyMatch(i -> i instanceof TileIndex.At(Dim e) && axis.equals(e.symbolName()));
      if (!certain && !own) {
        return false;
      }
    }
    return true;
  }
}
