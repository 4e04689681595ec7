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
  /// The tile of a product whose reduced axis lies along the lanes: eight accumulators.
  private static final int PAIR_ROWS = 4;

  private static final int PAIR_COLUMNS = 2;

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
              return ProductTile.estimated(tier, height, length(kernel, lane), loops(kernel));
            });
    int vectors = heavy && whole ? tile.vectors() : 1;
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
    Map<String, Integer> rows = new LinkedHashMap<>();
    for (int j = outer.size() - 1; lanes && j > 0; j--) {
      for (int i = j - 1; i >= 0; i--) {
        String a = outer.get(i);
        String b = outer.get(j);
        if (isReused(kernel, a, b) && isReused(kernel, b, a)) {
          rows.put(a, copies(kernel, a, PAIR_ROWS, again));
          rows.put(b, copies(kernel, b, PAIR_COLUMNS, again));
          return rows;
        }
      }
    }
    return rows;
  }

  /// How many loops, one in the other, a sum has at most.
  private static int loops(FlatKernel kernel) {
    return kernel.values().stream()
        .mapToInt(v -> v.definition() instanceof Definition.Reduce r ? r.axes().size() : 0)
        .max()
        .orElse(0);
  }

  private static OptionalLong length(FlatKernel kernel, Optional<String> axis) {
    Optional<Dim> extent = axis.map(a -> kernel.axis(a).extent()).filter(Dim::isConstant);
    return extent.isPresent() ? OptionalLong.of(extent.get().constant()) : OptionalLong.empty();
  }

  private static int atMost(Dim extent, int wish) {
    return extent.isConstant() ? Math.clamp(extent.constant(), 1, wish) : wish;
  }

  private static int copies(FlatKernel kernel, String axis, int wish, boolean again) {
    Dim extent = kernel.axis(axis).extent();
    int copies = atMost(extent, wish);
    // No tile may be shifted over the one before it, so all have to be whole.
    while (again && !extent.mod(copies).is(0)) {
      copies--;
    }
    return copies;
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
