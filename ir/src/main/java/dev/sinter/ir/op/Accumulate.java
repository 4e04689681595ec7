package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Index;
import dev.sinter.ir.IndexedGradient;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Values joined in the places that they name, one for every point of some axes. Sums are the
/// derivative of a tensor that [Comprehension] reads in places that cannot be told from the element
/// read. A place that no value names has the reducer's identity.
///
/// The definition looks at every point for each place; a kernel joins each value where it belongs.
///
/// @param reducer how values of one place are joined
/// @param axes the axes, whose symbols `index` and `value` use
/// @param shape the result's sizes
/// @param index an integer for each axis of the result; a value whose place is outside is dropped
/// @param value what is joined; it is not evaluated where its place is outside
public record Accumulate(
    Reducer reducer, List<Axis> axes, List<Dim> shape, List<Elem> index, Elem value)
    implements Primitive {
  public Accumulate {
    axes = List.copyOf(axes);
    shape = List.copyOf(shape);
    index = List.copyOf(index);
  }

  @Override
  public String mnemonic() {
    return "accumulate";
  }

  @Override
  public Kind kind() {
    return Kind.SCATTER;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    DType dtype;
    boolean integers;
    try {
      dtype = value.dtype(operands);
      integers = index.stream().allMatch(i -> i.dtype(operands).isInteger());
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new OpException(
          "accumulate over " + operands + " of types that do not fit: " + e.getMessage());
    }
    if (index.size() != shape.size() || !integers || !reducer.join().takes(dtype)) {
      throw new OpException(reducer + " of " + dtype + " at " + index + " into " + shape);
    }
    return List.of(new TensorType(dtype, shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    List<Axis> bound = axes.stream().map(a -> fresh.axis(a.extent())).toList();
    Map<String, Dim> bindings = Comprehension.bindings(axes, Window.indices(bound));
    DType dtype = value.dtype(operands);
    List<Elem> conditions = new ArrayList<>();
    for (int i = 0; i < index.size(); i++) {
      conditions.add(
          Elem.call(
              ScalarFn.EQ,
              index.get(i).renamed(fresh, bindings),
              new Elem.IndexValue(index.get(i).dtype(operands), at.get(i))));
    }
    Elem part = Elem.select(conditions, value.renamed(fresh, bindings), reducer.identity(dtype));
    return bound.isEmpty() ? part : new Elem.Reduce(reducer, dtype.compute(), bound, part);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    if (reducer != Reducer.SUM) {
      return IndexedGradient.of(b, node, this, Objects.requireNonNull(dy.getFirst()));
    }
    AxisNames fresh = new AxisNames();
    List<Axis> points = axes.stream().map(a -> fresh.axis(a.extent())).toList();
    Map<String, Dim> bindings = Comprehension.bindings(axes, Window.indices(points));
    List<Index> place = new ArrayList<>();
    List<Elem> inside = new ArrayList<>();
    for (int i = 0; i < index.size(); i++) {
      Elem elem = index.get(i).renamed(fresh, bindings);
      place.add(
          elem instanceof Elem.IndexValue(DType dtype, Dim expr)
              ? new Index.At(expr)
              : new Index.Computed(elem));
      DType dtype = elem.dtype(node.operandTypes());
      inside.add(Elem.call(ScalarFn.GE, elem, Elem.literal(dtype, 0L)));
      inside.add(Elem.call(ScalarFn.LT, elem, new Elem.IndexValue(dtype, shape.get(i))));
    }
    return IndexedGradient.of(
        b,
        node,
        Objects.requireNonNull(dy.getFirst()),
        place,
        points,
        inside,
        value.renamed(fresh, bindings),
        fresh);
  }
}
