package dev.sinter.onnx.export;

import dev.sinter.ir.Reducer;
import dev.sinter.runtime.DType;
import java.util.List;

/// Reductions over axes of a grid.
///
/// @param sink where nodes go
record Reductions(NodeSink sink) {
  /// The grid without the axes `over`, along which it has all sizes.
  ///
  /// @param dtype the elements' type
  /// @param accumulator the type in which they are joined
  /// @param grid in the type that [Carriers] says for `dtype`
  Grid reduce(Reducer reducer, DType dtype, DType accumulator, Grid grid, List<Integer> over) {
    if (over.isEmpty()) {
      return grid;
    }
    Carriers carriers = new Carriers(sink);
    return switch (reducer) {
      case ANY -> sink.apply("Greater", DType.BOOL, counted(grid, over), zero());
      case ALL ->
          sink.apply(
              "Equal", DType.BOOL, counted(sink.apply("Not", DType.BOOL, grid), over), zero());
      case SUM, PRODUCT, MAX, MIN -> {
        boolean wider = accumulator == DType.F64 && dtype.isFloat();
        Grid wide = wider ? sink.cast(grid, DType.F64) : grid;
        Grid reduced = without(name(reducer), wide, over);
        yield carriers.wrap(sink.cast(reduced, Carriers.of(dtype)), dtype);
      }
    };
  }

  private static String name(Reducer reducer) {
    return switch (reducer) {
      case SUM -> "ReduceSum";
      case PRODUCT -> "ReduceProd";
      case MAX, ANY -> "ReduceMax";
      case MIN, ALL -> "ReduceMin";
    };
  }

  private Grid counted(Grid bools, List<Integer> over) {
    return without("ReduceSum", sink.cast(bools, DType.I32), over);
  }

  private Grid zero() {
    return sink.integer(DType.I32, 0);
  }

  /// Reduces, and counts the axes that are left.
  Grid without(String opType, Grid grid, List<Integer> over) {
    String name =
        sink.add(
            opType,
            List.of(grid.name(), sink.list(over.stream().map(Integer::longValue).toList())),
            NodeSink.attribute("keepdims", 0));
    List<Integer> left =
        grid.axes().stream()
            .filter(a -> !over.contains(a))
            .map(a -> a - (int) over.stream().filter(o -> o < a).count())
            .toList();
    return new Grid(name, grid.dtype(), grid.rank() - over.size(), left);
  }
}
