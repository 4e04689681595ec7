package dev.sinter.passes.cpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.FlatKernel.Write;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Makes one axis of two that lie one after the other in memory wherever they occur.
///
/// Before: `y[1000*%0 + %1] = x[1000*%0 + %1]` over `%0 < 8` and `%1 < 1000`. After: `y[%1] =
/// x[%1]` over `%1 < 8000`. Long vectors have one tail instead of many, and loops one level less.
/// Each turn removes an axis, so it ends.
final class FuseAxes {
  private FuseAxes() {}

  static FlatKernel fuse(FlatKernel kernel) {
    FlatKernel fused = kernel;
    for (Optional<FlatKernel> next = once(fused); next.isPresent(); next = once(fused)) {
      fused = next.get();
    }
    return fused;
  }

  private static Optional<FlatKernel> once(FlatKernel kernel) {
    for (Axis outer : kernel.axes()) {
      for (Axis inner : kernel.axes()) {
        if (!outer.equals(inner) && adjoin(kernel, outer.symbol(), inner)) {
          return Optional.of(joined(kernel, outer, inner));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean adjoin(FlatKernel kernel, String outer, Axis inner) {
    for (Value value : kernel.values()) {
      boolean fits =
          switch (value.definition()) {
            case Definition.Load load -> adjoin(value.place(), outer, inner);
            case Definition.IndexValue(var dtype, Dim expr) ->
                !expr.symbols().contains(outer) && !expr.symbols().contains(inner.symbol());
            case Definition.Reduce reduce -> together(reduce.axes(), outer, inner.symbol());
            case Definition.Constant constant -> true;
            case Definition.Apply apply -> true;
            case Definition.Cast cast -> true;
          };
      if (!fits) {
        return false;
      }
    }
    for (Write write : kernel.writes()) {
      if (!adjoin(write.place(), outer, inner)
          || !together(List.copyOf(write.axes()), outer, inner.symbol())) {
        return false;
      }
    }
    return true;
  }

  private static boolean together(List<String> axes, String outer, String inner) {
    return axes.contains(outer) == axes.contains(inner);
  }

  /// Whether a step along `outer` is as far as all steps along `inner`.
  private static boolean adjoin(Dim place, String outer, Axis inner) {
    Dim far = place.coefficient(outer);
    Dim near = place.coefficient(inner.symbol());
    return far != null && near != null && far.equals(near.times(inner.extent()));
  }

  private static FlatKernel joined(FlatKernel kernel, Axis outer, Axis inner) {
    List<Axis> axes = new ArrayList<>();
    for (Axis axis : kernel.axes()) {
      if (axis.equals(inner)) {
        axes.add(new Axis(inner.symbol(), inner.extent().times(outer.extent())));
      } else if (!axis.equals(outer)) {
        axes.add(axis);
      }
    }
    Map<String, Dim> gone = Map.of(outer.symbol(), Dim.ZERO);
    List<Value> values = new ArrayList<>();
    for (Value v : kernel.values()) {
      Definition definition = v.definition();
      if (definition instanceof Definition.Reduce r) {
        List<String> over = new ArrayList<>(r.axes());
        over.remove(outer.symbol());
        definition = new Definition.Reduce(r.reducer(), r.accumulator(), over, r.arg());
      }
      values.add(
          new Value(
              v.number(),
              definition,
              v.dtype(),
              without(v.axes(), outer.symbol()),
              v.parts(),
              v.place().substitute(gone)));
    }
    List<Write> writes = new ArrayList<>();
    for (Write w : kernel.writes()) {
      writes.add(
          new Write(
              w.store(), without(w.axes(), outer.symbol()), w.parts(), w.place().substitute(gone)));
    }
    return new FlatKernel(kernel.source(), axes, values, writes, kernel.computed());
  }

  private static Set<String> without(Set<String> axes, String gone) {
    Set<String> rest = new TreeSet<>(new HashSet<>(axes));
    rest.remove(gone);
    return rest;
  }
}
