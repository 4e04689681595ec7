package dev.sinter.passes.cpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.tuning.ProductShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What of a product in a kernel decides about its tile, as tables of schedules have it.
final class MeasuredShape {
  private MeasuredShape() {}

  /// The shape of the first sum whose result varies along `lane` and `reused`, if there is one of
  /// what two buffers hold.
  ///
  /// @param lane the axis along the lanes
  /// @param reused the axis whose indices share what is read along `lane`
  static Optional<ProductShape> of(
      FlatKernel kernel, CpuTier tier, String lane, Optional<String> reused) {
    for (Value sum : kernel.values()) {
      if (sum.definition() instanceof Definition.Reduce reduce
          && sum.axes().contains(lane)
          && reused.map(sum.axes()::contains).orElse(true)) {
        Optional<Value> left = operand(kernel, sum, reduce, lane, false);
        Optional<Value> right = operand(kernel, sum, reduce, lane, true);
        if (left.isPresent() && right.isPresent()) {
          // As the loops over them will be: the farther a step, the farther out.
          List<String> depth = new ArrayList<>(reduce.axes());
          depth.sort(Comparator.comparingLong((String a) -> distance(left.get(), a)).reversed());
          return Optional.of(
              new ProductShape(
                  tier,
                  sum.dtype(),
                  reused.map(a -> number(kernel.axis(a).extent())).orElse(1L),
                  number(kernel.axis(lane).extent()),
                  depth.stream().map(a -> number(kernel.axis(a).extent())).toList(),
                  times(kernel, sum, lane, reused),
                  reused.map(a -> step(left.get(), a)).orElse(0L),
                  step(right.get(), depth.getLast())));
        }
      }
    }
    return Optional.empty();
  }

  /// What a sum reads along an axis that it sums over, and along `lane` or not.
  private static Optional<Value> operand(
      FlatKernel kernel, Value sum, Definition.Reduce reduce, String lane, boolean along) {
    return kernel.values().stream()
        .filter(v -> v.definition() instanceof Definition.Load)
        .filter(v -> v.axes().contains(lane) == along)
        .filter(v -> reduce.axes().stream().anyMatch(v.axes()::contains))
        .filter(v -> kernel.uses(sum.number(), v.number()))
        .findFirst();
  }

  private static long times(FlatKernel kernel, Value sum, String lane, Optional<String> reused) {
    List<Dim> others =
        kernel.axes().stream()
            .filter(a -> sum.axes().contains(a.symbol()))
            .filter(a -> !a.symbol().equals(lane) && !reused.equals(Optional.of(a.symbol())))
            .map(Axis::extent)
            .toList();
    return number(Dim.product(others));
  }

  private static long distance(Value load, String axis) {
    long step = step(load, axis);
    return step == ProductShape.OPEN ? Long.MAX_VALUE : step;
  }

  /// The elements from one index of `axis` to the next.
  private static long step(Value load, String axis) {
    Dim step = load.place().coefficient(axis);
    if (step == null) {
      return ProductShape.OPEN;
    }
    Dim lanes = Dim.symbol(LoopKernel.LANES);
    if (step.equals(lanes)) {
      return ProductShape.PANELS;
    }
    if (step.equals(lanes.times(2))) {
      return ProductShape.PAIRS;
    }
    return step.equals(lanes.times(4)) ? ProductShape.FOURS : number(step);
  }

  private static long number(Dim dim) {
    return dim.isConstant() ? dim.constant() : ProductShape.OPEN;
  }
}
