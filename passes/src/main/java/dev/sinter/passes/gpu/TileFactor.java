package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.SharedArray;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernel.Transfer;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One factor of a contraction in shared memory: for each stage a slice, along whose lines the axis
/// of the result runs.
final class TileFactor {
  /// Keeps lines apart by a multiple of 16 bytes and away from the same banks.
  private static final int GAP = 4;

  private final TileKernel kernel;
  private final ValueLowering values;
  private final Scope outer;
  private final int array;
  private final String name;
  private final int value;
  private final Tile tile;
  private final List<Axis> summed;
  private final Optional<Dim> loaded;
  private final int width;
  private final List<Dim> along = new ArrayList<>();
  private final List<Dim> down = new ArrayList<>();
  private final Map<Dim, Scope> lines = new HashMap<>();

  /// What part of the factor a block needs.
  ///
  /// @param axes the axes of the result that the factor has
  /// @param first the first point along them
  /// @param length how many points
  /// @param depth the points of a slice along the summed axes
  /// @param threads the threads that bring it
  record Tile(List<Axis> axes, Dim first, int length, int depth, int threads) {}

  TileFactor(
      TileKernel kernel,
      ValueLowering values,
      Scope outer,
      int array,
      String name,
      int value,
      Tile tile,
      List<Axis> summed) {
    this.kernel = kernel;
    this.values = values;
    this.outer = outer;
    this.array = array;
    this.name = name;
    this.value = value;
    this.tile = tile;
    this.summed = summed;
    this.loaded = loaded();
    boolean sideways = loaded.isPresent() && steps(loaded.get(), summed.getLast());
    this.width = sideways ? 1 : width();
    share(sideways);
  }

  /// Where the factor lies in its buffer, if it is a plain load of `f32`.
  private Optional<Dim> loaded() {
    return kernel.body().get(value) instanceof Definition.Load load
            && load.guard().isEmpty()
            && load.at().stream().allMatch(TileIndex.At.class::isInstance)
            && kernel.dtypes().get(value) == DType.F32
        ? Optional.of(values.place(load.buffer(), load.at(), outer))
        : Optional.empty();
  }

  private static boolean steps(Dim place, Axis axis) {
    Dim next = place.substitute(Map.of(axis.symbol(), axis.index().plus(1)));
    return next.minus(place).is(1);
  }

  /// 4 where four points along the result's axis lie together, the first at a multiple of four.
  private int width() {
    if (loaded.isEmpty() || tile.axes().size() != 1) {
      return 1;
    }
    Axis axis = tile.axes().getFirst();
    Dim fours = loaded.get().substitute(Map.of(axis.symbol(), axis.index().times(4)));
    boolean aligned =
        steps(loaded.get(), axis)
            && QuadLoads.isMultiple(axis.extent(), 4)
            && QuadLoads.isMultiple(fours, 4);
    return aligned ? 4 : 1;
  }

  /// Shares the slice among the threads, neighbours taking what lies together in the buffer.
  private void share(boolean sideways) {
    int each = tile.length() * tile.depth() / width / tile.threads();
    for (int i = 0; i < each; i++) {
      Dim number = Scope.THREAD.plus((long) i * tile.threads());
      int run = sideways ? tile.depth() : tile.length() / width;
      Dim fast = number.mod(run);
      Dim slow = number.floorDiv(run);
      along.add(sideways ? slow : fast.times(width));
      down.add(sideways ? fast : slow);
    }
  }

  boolean isAsync() {
    return loaded.isPresent();
  }

  private int pitch() {
    return tile.length() + GAP;
  }

  /// The array for so many slices; a factor that is computed needs one.
  SharedArray array(int stages) {
    int slices = isAsync() ? stages : 1;
    return new SharedArray(name, DType.F32, slices * tile.depth() * pitch());
  }

  /// Where the element `point` of line `k` of a stage lies.
  Dim place(Dim stage, Dim k, Dim point) {
    Dim slice = isAsync() ? stage.times((long) tile.depth() * pitch()) : Dim.ZERO;
    return slice.plus(k.times(pitch())).plus(point);
  }

  /// The scope of a point along the result's axes.
  private Scope line(Dim point) {
    Scope known = lines.get(point);
    if (known == null) {
      Dim number = tile.first().plus(point);
      Register valid = outer.below(number, KernelClass.extent(tile.axes()));
      known = outer.inside(outer.code(), Optional.of(valid)).bind(tile.axes(), number);
      lines.put(point, known);
    }
    return known;
  }

  private Scope depth(Scope turn, Dim k, Map<Dim, Scope> known) {
    Scope scope = known.get(k);
    if (scope == null) {
      Register valid = turn.below(k, KernelClass.extent(summed));
      scope = turn.inside(turn.code(), Optional.of(valid)).bind(summed, k);
      known.put(k, scope);
    }
    return scope;
  }

  /// This thread's copies of the slice that begins at `from` to a stage.
  List<Transfer> transfers(Scope turn, Dim from, Dim stage) {
    Map<Dim, Scope> depths = new HashMap<>();
    Definition.Load load = (Definition.Load) kernel.body().get(value);
    List<Transfer> out = new ArrayList<>();
    for (int i = 0; i < along.size(); i++) {
      Scope point = point(turn, from, i, depths);
      Dim to = place(stage, down.get(i), along.get(i));
      out.add(
          new Transfer(
              ValueLowering.at(new Memory.Shared(array), to, turn),
              new Place(new Memory.Global(load.buffer()), point.index(loaded.orElseThrow()), 0),
              width,
              point.valid()));
    }
    return out;
  }

  private Scope point(Scope turn, Dim from, int i, Map<Dim, Scope> depths) {
    Scope depth = depth(turn, from.plus(down.get(i)), depths);
    return Scope.joined(turn.code(), line(along.get(i)), depth);
  }

  /// Computes this thread's part of the slice that begins at `from` and stores it.
  void store(Scope turn, Dim from, Dim stage) {
    ThreadCode code = turn.code();
    Map<Dim, Scope> depths = new HashMap<>();
    Register zero = code.constant((Elem.Literal) Elem.literal(DType.F32, 0.0));
    for (int i = 0; i < along.size(); i++) {
      Scope point = point(turn, from, i, depths);
      Register inside = point.valid().orElseThrow();
      Register brought = code.apply(ScalarFn.SELECT, inside, values.value(value, point), zero);
      Place to =
          ValueLowering.at(new Memory.Shared(array), place(stage, down.get(i), along.get(i)), turn);
      code.add(new Step.Store(to, List.of(brought), Optional.empty()));
    }
  }
}
