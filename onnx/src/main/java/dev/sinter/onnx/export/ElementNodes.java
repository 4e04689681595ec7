package dev.sinter.onnx.export;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// A tensor that is given element by element, as nodes over whole tensors: an axis is a dimension
/// of a grid, also one that is reduced over; a read that is more than a transposition gathers.
///
/// Both sides of a select are computed, so what is read under one is moved into range first.
///
/// @param sink where nodes go
/// @param dims makes sizes and indices
/// @param operands the operands as they are in the file
/// @param types the operands' types
record ElementNodes(NodeSink sink, DimNodes dims, List<Grid> operands, List<TensorType> types) {
  private Carriers carriers() {
    return new Carriers(sink);
  }

  /// The tensor whose element at the axes of `scope` is `elem`, in its type of [Carriers].
  Grid of(Elem elem, Scope scope) {
    return of(elem, scope, false);
  }

  /// The same of an element that is not wanted everywhere: what it reads may be out of range.
  Grid guarded(Elem elem, Scope scope) {
    return of(elem, scope, true);
  }

  private Grid of(Elem elem, Scope scope, boolean guarded) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) ->
          carriers().load(read(operand, at, scope, guarded));
      case Elem.Literal(DType dtype, double real, long integer) ->
          carriers().literal(dtype, real, integer);
      case Elem.IndexValue(DType dtype, Dim expr) ->
          carriers().convert(dims.of(expr, scope), DType.I64, dtype);
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        List<Grid> grids = new ArrayList<>();
        for (int i = 0; i < args.size(); i++) {
          boolean side = fn == ScalarFn.SELECT && i > 0;
          grids.add(of(args.get(i), scope, guarded || side));
        }
        yield new ScalarNodes(sink).call(fn, args.getLast().dtype(types), grids);
      }
      case Elem.Cast(DType dtype, Elem arg) ->
          carriers().convert(of(arg, scope, guarded), arg.dtype(types), dtype);
      case Elem.Reduce reduce -> reduce(reduce, scope, guarded);
    };
  }

  private Grid reduce(Elem.Reduce reduce, Scope scope, boolean guarded) {
    Scope inner = scope.with(reduce.axes());
    DType dtype = reduce.body().dtype(types);
    Grid body = repeated(of(reduce.body(), inner, guarded), inner, scope.rank());
    List<Integer> over = new ArrayList<>();
    for (int i = scope.rank(); i < inner.rank(); i++) {
      over.add(i);
    }
    return new Reductions(sink).reduce(reduce.reducer(), dtype, reduce.accumulator(), body, over);
  }

  /// The grid with the sizes of the axes from `first` on, which are reduced over.
  private Grid repeated(Grid grid, Scope scope, int first) {
    List<Dim> shape = new ArrayList<>();
    List<Integer> axes = new ArrayList<>();
    boolean whole = !grid.isScalar();
    for (int i = 0; i < scope.rank(); i++) {
      boolean varies = i >= first || grid.varies(i);
      shape.add(varies ? scope.extent(i) : Dim.ONE);
      whole &= i < first || grid.varies(i) || scope.extent(i).is(1);
      if (varies) {
        axes.add(i);
      }
    }
    if (whole) {
      return grid;
    }
    String name = sink.add("Expand", List.of(grid.name(), dims.list(shape)));
    return new Grid(name, grid.dtype(), scope.rank(), axes);
  }

  private Grid read(int operand, List<Index> at, Scope scope, boolean guarded) {
    Grid whole = operands.get(operand);
    TensorType type = types.get(operand);
    if (whole.isScalar() || whole.axes().isEmpty()) {
      return Grid.scalar(sink.squeezed(whole, List.of()), whole.dtype());
    }
    return new Reads(sink, dims, scope).read(whole, type, places(type, at, scope, guarded));
  }

  /// For each axis of an operand the places along it.
  private List<Place> places(TensorType type, List<Index> at, Scope scope, boolean guarded) {
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      Dim size = type.dim(i);
      places.add(
          switch (at.get(i)) {
            case Index.At(Dim expr) -> {
              int axis = wholeAxis(expr, size, scope);
              if (axis >= 0) {
                yield new Place.Whole(axis);
              }
              Grid index = dims.of(expr, scope);
              boolean inside = !guarded || scope.prover().isWithin(expr, size);
              yield new Place.Picked(inside ? index : held(index, size));
            }
            case Index.Computed(Elem value) -> {
              DType dtype = value.dtype(types);
              Grid index = carriers().convert(of(value, scope, guarded), dtype, DType.I64);
              yield new Place.Picked(guarded ? held(index, size) : index);
            }
          });
    }
    return places;
  }

  /// The axis of the scope that `expr` is, where it runs over all places; else -1.
  private static int wholeAxis(Dim expr, Dim size, Scope scope) {
    String symbol = expr.symbolName();
    int axis = symbol == null ? -1 : scope.place(symbol);
    return axis >= 0 && scope.prover().equal(scope.extent(axis), size) ? axis : -1;
  }

  private Grid held(Grid index, Dim size) {
    Grid last = dims.size(size.minus(1));
    return sink.apply("Max", DType.I64, sink.apply("Min", DType.I64, index, last), sink.integer(0));
  }
}
