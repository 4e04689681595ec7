package dev.sinter.onnx.export;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Elements of a tensor at places that are given by grids.
///
/// @param sink where nodes go
/// @param dims makes sizes
/// @param scope the axes of the grids
record Reads(NodeSink sink, DimNodes dims, Scope scope) {
  /// The elements of `tensor` at `places`, one for each axis of what it stands for.
  ///
  /// @param type of what the tensor stands for
  Grid read(Grid tensor, TensorType type, List<Place> places) {
    List<Integer> kept = tensor.axes();
    if (tensor.rank() == scope.rank()
        && kept.stream().allMatch(axis -> places.get(axis).equals(new Place.Whole(axis)))) {
      return tensor;
    }
    String name = sink.squeezed(tensor, kept);
    List<Place> read = kept.stream().map(places::get).toList();
    List<Dim> sizes = kept.stream().map(type::dim).toList();
    return isSeparable(read)
        ? separate(name, tensor.dtype(), read)
        : together(name, tensor.dtype(), read, sizes);
  }

  /// Whether no two axes are read by one of the scope.
  private static boolean isSeparable(List<Place> places) {
    Set<Integer> seen = new HashSet<>();
    return places.stream().flatMap(p -> p.axes().stream()).allMatch(seen::add);
  }

  /// Gathers along each axis by itself, where it is not read from end to end.
  private Grid separate(String tensor, DType dtype, List<Place> places) {
    String name = tensor;
    List<Integer> order = new ArrayList<>();
    for (int i = places.size() - 1; i >= 0; i--) {
      Place place = places.get(i);
      order.addAll(0, place.axes());
      if (place instanceof Place.Picked(Grid index)) {
        OnnxAttribute axis = NodeSink.attribute("axis", i);
        name = sink.add("Gather", List.of(name, sink.squeezed(index, index.axes())), axis);
      }
    }
    List<Integer> sorted = order.stream().sorted().toList();
    if (!sorted.equals(order)) {
      List<Long> permutation = sorted.stream().map(axis -> (long) order.indexOf(axis)).toList();
      name = sink.add("Transpose", List.of(name), NodeSink.attribute("perm", permutation));
    }
    if (sorted.isEmpty()) {
      return Grid.scalar(name, dtype);
    }
    return new Grid(sink.unsqueezed(name, scope.rank(), sorted), dtype, scope.rank(), sorted);
  }

  /// Gathers from all elements in a row by their numbers there.
  private Grid together(String tensor, DType dtype, List<Place> places, List<Dim> sizes) {
    Grid number = sink.integer(0);
    for (int i = 0; i < places.size(); i++) {
      Dim stride = Dim.product(sizes.subList(i + 1, sizes.size()));
      Grid index =
          switch (places.get(i)) {
            case Place.Whole(int axis) -> dims.axis(scope, axis);
            case Place.Picked(Grid picked) -> picked;
          };
      Grid step = stride.is(1) ? index : sink.apply("Mul", DType.I64, index, dims.size(stride));
      number = i == 0 ? step : sink.apply("Add", DType.I64, number, step);
    }
    String row = sink.add("Reshape", List.of(tensor, sink.list(List.of(-1L))));
    String name = sink.add("Gather", List.of(row, number.name()), NodeSink.attribute("axis", 0));
    return number.as(name, dtype);
  }
}
