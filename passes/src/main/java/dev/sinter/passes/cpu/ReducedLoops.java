package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// The loops of a sum, outermost first, and how many of the innermost are one loop in the code.
///
/// A loop within a loop is entered anew in each turn of that, and what C2 checks before it costs as
/// much as some turns of a tile: too much for the five columns of a window. One loop over all turns
/// is entered once. It divides its counter, and checks in each turn what does not lie in one run of
/// memory along its turns. Source of the numbers: `docs/CPU.md`.
///
/// @param axes the reduced axes, the farther apart in memory the farther out
/// @param together the loops that are one, if more than one
record ReducedLoops(List<String> axes, int together) {
  /// Cycles before the first turn of a loop.
  private static final double ENTRY = 100;

  /// Cycles that the check of one place takes, where a tile keeps all units busy.
  private static final double CHECK = 0.8;

  /// Cycles that the division of the counter takes there.
  private static final double DIVISION = 1;

  /// The tile that is assumed.
  private static final int ROWS = 6;

  private static final int VECTORS = 4;

  /// What a size or a number of lanes is taken for that is only known when the model runs.
  private static final long TYPICAL = 16;

  /// The loops over `axes` that make the values in `group`.
  static ReducedLoops of(FlatKernel kernel, Collection<Integer> group, Collection<String> axes) {
    List<String> order = new ArrayList<>(axes);
    order.sort(
        Comparator.comparingLong((String axis) -> stepAlong(kernel, axis, group)).reversed());
    return new ReducedLoops(List.copyOf(order), 1);
  }

  /// These loops for tiles whose vectors lie along `lane`.
  ReducedLoops inTiles(FlatKernel kernel, Collection<Integer> group, String lane) {
    List<Value> read = new ArrayList<>();
    boolean known =
        axes.stream().allMatch(a -> kernel.axis(a).extent().isConstant())
            && group.stream().allMatch(v -> addsElements(kernel, v, read));
    double least = Double.MAX_VALUE;
    double turns = 1;
    int best = 1;
    for (int count = 1; known && count <= axes.size(); count++) {
      List<String> inner = axes.subList(axes.size() - count, axes.size());
      turns *= kernel.axis(inner.getFirst()).extent().constant();
      double checked = 0;
      for (Value load : read) {
        if (!isRun(kernel, load, inner)) {
          checked += load.axes().contains(lane) ? VECTORS : ROWS;
        }
      }
      double each = ENTRY / turns + checked * CHECK + (count - 1) * DIVISION;
      if (each < least) {
        least = each;
        best = count;
      }
    }
    return new ReducedLoops(axes, best);
  }

  /// Whether nothing but elements as they are read, or products of two of them, is added up;
  /// collects what reads them.
  private static boolean addsElements(FlatKernel kernel, int reduction, List<Value> read) {
    Value arg = kernel.values().get(kernel.values().get(reduction).parts().getFirst());
    List<Value> elements =
        arg.definition() instanceof Definition.Apply
            ? arg.parts().stream().map(kernel.values()::get).toList()
            : List.of(arg);
    read.addAll(elements);
    return elements.stream().allMatch(e -> e.definition() instanceof Definition.Load);
  }

  /// Whether what is read goes on by equal steps through all turns of `axes`.
  private static boolean isRun(FlatKernel kernel, Value load, List<String> axes) {
    Dim after = null;
    for (String axis : axes.reversed()) {
      Dim step = load.place().coefficient(axis);
      if (step == null || (after != null && !after.equals(step))) {
        return false;
      }
      after = step.times(kernel.axis(axis).extent());
    }
    return true;
  }

  /// How far apart in memory neighbours along an axis are where the values in `group` are read,
  /// about: the loop over the nearest is to be the innermost.
  private static long stepAlong(FlatKernel kernel, String axis, Collection<Integer> group) {
    long step = 0;
    for (Value value : kernel.values()) {
      if (value.definition() instanceof Definition.Load
          && value.axes().contains(axis)
          && group.stream().anyMatch(v -> kernel.uses(v, value.number()))) {
        Dim one = value.place().coefficient(axis);
        step = Math.max(step, one == null ? Long.MAX_VALUE : one.evaluate(symbol -> TYPICAL));
      }
    }
    return step;
  }
}
