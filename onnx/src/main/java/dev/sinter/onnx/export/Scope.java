package dev.sinter.onnx.export;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Prover;
import java.util.ArrayList;
import java.util.List;

/// The axes over which an expression stands, in the order that they have in its grid.
///
/// @param axes the axes
/// @param facts what is known of the sizes
/// @param prover decides what follows
record Scope(List<Axis> axes, Facts facts, Prover prover) {
  Scope {
    axes = List.copyOf(axes);
  }

  static Scope of(List<Axis> axes, Facts facts) {
    return new Scope(axes, facts, facts.over(axes).prover());
  }

  /// The scope with more axes behind its own.
  Scope with(List<Axis> more) {
    List<Axis> all = new ArrayList<>(axes);
    all.addAll(more);
    return of(all, facts);
  }

  int rank() {
    return axes.size();
  }

  /// The place of an axis; -1 if there is none of that name.
  int place(String symbol) {
    for (int i = 0; i < axes.size(); i++) {
      if (axes.get(i).symbol().equals(symbol)) {
        return i;
      }
    }
    return -1;
  }

  Dim extent(int axis) {
    return axes.get(axis).extent();
  }
}
