package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which points read an element of a tensor: the solution of `index expressions == place` for axes.
///
/// An axis with the factor 1 in an expression is solved for: `l + k == h` gives `l = h - k`. So is
/// the pair in `c * i + a`, where `a` runs over at most `c` values: `i = floor(h / c)`, `a = h mod
/// c`. What is left is a condition, and axes that are in no solution are summed over.
///
/// @param axes an axis for each one of the tensor: the place
/// @param solved for each axis that is determined its value, over `axes` and `free`
/// @param free the axes that are not determined
/// @param conditions what must hold for a point to exist
/// @param isComplete whether the conditions say all; else an index could not be solved
record ReadInverse(
    List<Axis> axes,
    Map<String, Dim> solved,
    List<Axis> free,
    List<Elem> conditions,
    boolean isComplete) {

  /// Solves for the points of `scope` that read `at` of a tensor of type `target`.
  static ReadInverse of(List<Index> at, TensorType target, List<Axis> scope, AxisNames fresh) {
    return new Solver(scope).solve(at, target.shape().stream().map(fresh::axis).toList());
  }

  private static final class Solver {
    private final List<Axis> scope;
    private final Map<String, Dim> solved = new LinkedHashMap<>();
    private final List<Elem> conditions = new ArrayList<>();

    /// Axes that are solved as a remainder by their extent, which needs no condition.
    private final Set<String> remainders = new HashSet<>();

    private boolean complete = true;

    Solver(List<Axis> scope) {
      this.scope = scope;
    }

    ReadInverse solve(List<Index> at, List<Axis> places) {
      for (int i = 0; i < at.size(); i++) {
        switch (at.get(i)) {
          case Index.At(Dim expr) -> equate(expr.substitute(solved), places.get(i).index());
          case Index.Computed computed -> complete = false;
        }
      }
      List<Elem> all = new ArrayList<>();
      for (Axis axis : scope) {
        Dim value = solved.get(axis.symbol());
        if (value != null
            && !remainders.contains(axis.symbol())
            && !isWithin(value, axis.extent(), places)) {
          all.add(Elem.inRange(value, axis.extent()));
        }
      }
      conditions.forEach(c -> all.add(c.substitute(solved)));
      return new ReadInverse(places, Map.copyOf(solved), unsolved(), all, complete);
    }

    private List<Axis> unsolved() {
      return scope.stream().filter(a -> !solved.containsKey(a.symbol())).toList();
    }

    /// Whether `value` needs no condition to be below `extent`.
    private static boolean isWithin(Dim value, Dim extent, List<Axis> places) {
      String symbol = value.symbolName();
      return places.stream().anyMatch(p -> p.symbol().equals(symbol) && p.extent().equals(extent));
    }

    /// Solves `expr == place` for an axis or two.
    private void equate(Dim expr, Dim place) {
      List<Axis> candidates =
          unsolved().stream().filter(a -> expr.symbols().contains(a.symbol())).toList();
      for (Axis axis : candidates) {
        Dim factor = expr.coefficient(axis.symbol());
        if (factor == null) {
          // The axis is within a quotient: points are found by trying.
          complete = false;
          return;
        }
      }
      if (candidates.size() == 2 && solvePair(expr, place, candidates)) {
        return;
      }
      for (Axis axis : candidates) {
        Dim factor = coefficient(expr, axis);
        if (factor.is(1) || factor.is(-1)) {
          Dim rest = expr.minus(factor.times(axis.index()));
          set(axis, place.minus(rest).times(factor));
          return;
        }
      }
      for (Axis axis : candidates) {
        Dim factor = coefficient(expr, axis);
        if (factor.isConstant()) {
          Dim rest = expr.minus(factor.times(axis.index()));
          long by = Math.abs(factor.constant());
          Dim multiple = place.minus(rest).times(Long.signum(factor.constant()));
          conditions.add(isZero(multiple.mod(by)));
          set(axis, multiple.floorDiv(by));
          return;
        }
      }
      if (!candidates.isEmpty()) {
        complete = false;
      } else if (!expr.equals(place)) {
        conditions.add(isZero(expr.minus(place)));
      }
    }

    /// Solves `c * i + a + rest == place` for both axes where `a` takes at most `c` values.
    private boolean solvePair(Dim expr, Dim place, List<Axis> pair) {
      for (int i = 0; i < 2; i++) {
        Axis outer = pair.get(i);
        Axis inner = pair.get(1 - i);
        Dim by = coefficient(expr, outer);
        boolean covers =
            by.equals(inner.extent())
                || (by.isConstant()
                    && inner.extent().isConstant()
                    && by.constant() >= inner.extent().constant()
                    && by.constant() > 1);
        if (coefficient(expr, inner).is(1) && covers) {
          Dim number = place.minus(expr.minus(by.times(outer.index())).minus(inner.index()));
          set(outer, number.floorDiv(by));
          Dim remainder = number.mod(by);
          set(inner, remainder);
          if (by.equals(inner.extent())) {
            remainders.add(inner.symbol());
          }
          return true;
        }
      }
      return false;
    }

    private static Dim coefficient(Dim expr, Axis axis) {
      @Nullable Dim factor = expr.coefficient(axis.symbol());
      if (factor == null) {
        throw new IllegalStateException(axis + " in " + expr);
      }
      return factor;
    }

    private void set(Axis axis, Dim value) {
      Map<String, Dim> one = Map.of(axis.symbol(), value);
      solved.replaceAll((symbol, before) -> before.substitute(one));
      solved.put(axis.symbol(), value);
    }

    private static Elem isZero(Dim dim) {
      return Elem.call(
          ScalarFn.EQ, new Elem.IndexValue(DType.I64, dim), Elem.literal(DType.I64, 0L));
    }
  }
}
