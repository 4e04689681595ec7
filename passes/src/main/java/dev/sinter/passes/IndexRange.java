package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Dim.Atom;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Decides whether an index surely lies inside an axis; answers no where it cannot tell.
final class IndexRange {
  private final Map<String, Dim> axes;

  /// @param axes the extent of each iteration axis
  IndexRange(Map<String, Dim> axes) {
    this.axes = axes;
  }

  /// Whether `0 <= index < extent` for all values of the axes and all sizes.
  boolean within(Dim index, Dim extent) {
    return isRemainder(index, extent)
        || (neverNegative(index) && neverNegative(extent.minus(1).minus(index)));
  }

  /// Whether `index` is `a - extent * floor(a / extent)`.
  private static boolean isRemainder(Dim index, Dim extent) {
    for (Dim.Term term : index.terms()) {
      for (Atom atom : term.atoms()) {
        if (atom instanceof Atom.FloorQuotient(Dim a, Dim b)
            && b.equals(extent)
            && index.equals(a.minus(b.times(a.floorDiv(b))))) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether the expression is at least 0: each axis is put to the end of its range that makes the
  /// expression smallest, each size `s` becomes `1 + s`, and no coefficient may be negative then.
  private boolean neverNegative(Dim dim) {
    Dim smallest = dim;
    for (Map.Entry<String, Dim> axis : axes.entrySet()) {
      if (!smallest.symbols().contains(axis.getKey())) {
        continue;
      }
      Dim slope = smallest.coefficient(axis.getKey());
      if (slope == null) {
        return false;
      }
      Dim end;
      if (noNegativeTerm(slope)) {
        end = Dim.ZERO;
      } else if (noNegativeTerm(slope.times(-1))) {
        end = axis.getValue().minus(1);
      } else {
        return false;
      }
      smallest = smallest.substitute(Map.of(axis.getKey(), end));
    }
    return noNegativeTerm(smallest);
  }

  private static boolean noNegativeTerm(Dim dim) {
    Set<String> symbols = dim.symbols();
    Map<String, Dim> above = new HashMap<>();
    symbols.forEach(s -> above.put(s, Dim.symbol(s).plus(1)));
    for (Dim.Term term : dim.substitute(above).terms()) {
      boolean plain = term.atoms().stream().allMatch(Atom.Symbol.class::isInstance);
      if (term.coefficient() < 0 || !plain) {
        return false;
      }
    }
    return true;
  }
}
