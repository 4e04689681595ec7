package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.Store;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The class of a kernel, read off its axes.
sealed interface KernelClass {
  /// Parallel axes only, or reductions that no class below fits.
  record Pointwise() implements KernelClass {}

  /// Reductions that do not vary along the axes that are reduced: softmax, normalizations, sums.
  ///
  /// @param rows the axes along which they vary
  record RowReduction(List<Axis> rows) implements KernelClass {}

  /// A sum of products of two values with axes of their own.
  ///
  /// @param sum the number of the sum
  /// @param left the value of which the rows are
  /// @param right the value of which the columns are
  /// @param batch the axes of both, or of neither
  /// @param rows the axes of `left` alone
  /// @param columns the axes of `right` alone, with the result's last axis where it is one of the
  ///   two's
  /// @param summed the axes that are summed over
  record Contraction(
      int sum,
      int left,
      int right,
      List<Axis> batch,
      List<Axis> rows,
      List<Axis> columns,
      List<Axis> summed)
      implements KernelClass {}

  /// The class of `kernel`.
  static KernelClass of(TileKernel kernel) {
    List<Set<String>> dependences = kernel.dependences();
    Set<String> stored = storedAxes(kernel, dependences);
    return contraction(kernel, dependences, stored)
        .or(() -> rows(kernel, dependences, stored))
        .orElseGet(Pointwise::new);
  }

  /// The axes of all stores.
  private static Set<String> storedAxes(TileKernel kernel, List<Set<String>> dependences) {
    Set<String> all = new TreeSet<>();
    kernel.stores().forEach(store -> all.addAll(axes(store, dependences)));
    return all;
  }

  /// The axes that a store runs over.
  static Set<String> axes(Store store, List<Set<String>> dependences) {
    Set<String> axes = TileKernel.dependences(store.at(), dependences);
    axes.addAll(dependences.get(store.value()));
    return axes;
  }

  private static Optional<KernelClass> rows(
      TileKernel kernel, List<Set<String>> dependences, Set<String> stored) {
    Set<String> rows = new TreeSet<>(stored);
    for (Definition definition : kernel.body()) {
      if (definition instanceof Definition.Reduce reduce) {
        reduce.axes().forEach(rows::remove);
      }
    }
    Dim longest = Dim.ZERO;
    for (int i = 0; i < kernel.body().size(); i++) {
      if (kernel.body().get(i) instanceof Definition.Reduce reduce
          && rows.containsAll(dependences.get(i))) {
        longest = longest.max(extent(select(kernel, Set.copyOf(reduce.axes()))));
      }
    }
    // A few elements are summed sooner by one thread than by a warp.
    boolean few = longest.isConstant() && longest.constant() <= 8;
    return few ? Optional.empty() : Optional.of(new RowReduction(select(kernel, rows)));
  }

  private static Optional<KernelClass> contraction(
      TileKernel kernel, List<Set<String>> dependences, Set<String> stored) {
    List<Integer> sums = new ArrayList<>();
    for (int i = 0; i < kernel.body().size(); i++) {
      if (kernel.body().get(i) instanceof Definition.Reduce) {
        sums.add(i);
      }
    }
    if (sums.size() != 1
        || !(kernel.body().get(sums.getFirst())
            instanceof Definition.Reduce(var reducer, var accumulator, var summed, int product))
        || reducer != Reducer.SUM
        || accumulator != DType.F32
        || !(kernel.body().get(product) instanceof Definition.Apply(var fn, var factors))
        || fn != ScalarFn.MUL
        || kernel.dtypes().get(product) != DType.F32
        || !stored.containsAll(dependences.get(sums.getFirst()))
        || summed.stream().anyMatch(stored::contains)
        || kernel.stores().stream().anyMatch(s -> !axes(s, dependences).equals(stored))) {
      return Optional.empty();
    }
    int left = factors.get(0);
    int right = factors.get(1);
    Set<String> rows = only(stored, dependences.get(left), dependences.get(right));
    Set<String> columns = only(stored, dependences.get(right), dependences.get(left));
    if (rows.isEmpty() || columns.isEmpty()) {
      return Optional.empty();
    }
    Set<String> batch = new TreeSet<>(stored);
    batch.removeAll(rows);
    batch.removeAll(columns);
    boolean swap = rows.contains(lastAxis(kernel.stores().getFirst()));
    return Optional.of(
        new Contraction(
            sums.getFirst(),
            swap ? right : left,
            swap ? left : right,
            select(kernel, batch),
            select(kernel, swap ? columns : rows),
            select(kernel, swap ? rows : columns),
            select(kernel, Set.copyOf(summed))));
  }

  private static Set<String> only(Set<String> stored, Set<String> own, Set<String> other) {
    Set<String> out = new TreeSet<>(stored);
    out.retainAll(own);
    out.removeAll(other);
    return out;
  }

  /// The innermost axis of a store's index, or nothing that is an axis.
  private static String lastAxis(Store store) {
    for (TileIndex index : store.at().reversed()) {
      if (index instanceof TileIndex.At(Dim expr) && !expr.isConstant()) {
        return expr.symbols().iterator().next();
      }
    }
    return "";
  }

  /// The kernel's axes that are in `symbols`, in its order.
  static List<Axis> select(TileKernel kernel, Set<String> symbols) {
    Set<Axis> out = new LinkedHashSet<>(kernel.axes());
    out.removeIf(axis -> !symbols.contains(axis.symbol()));
    return List.copyOf(out);
  }

  /// The number of points of `axes`.
  static Dim extent(List<Axis> axes) {
    return Dim.product(axes.stream().map(Axis::extent).toList());
  }
}
