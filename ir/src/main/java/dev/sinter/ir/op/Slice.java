package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A part of a tensor: element `i` along an axis is the operand's `starts + i * steps`.
///
/// A step may be negative: reversing an axis of size `n` is start `n - 1`, size `n`, step -1.
///
/// @param starts for each axis the first place taken
/// @param sizes for each axis how many places are taken
/// @param steps for each axis the distance of places, not 0
public record Slice(List<Dim> starts, List<Dim> sizes, List<Long> steps) implements Primitive {
  public Slice {
    starts = List.copyOf(starts);
    sizes = List.copyOf(sizes);
    steps = List.copyOf(steps);
  }

  /// Adds a slice of neighbours along one axis.
  public static Value of(GraphBuilder b, Value x, int axis, Dim start, Dim size) {
    List<Dim> starts = new ArrayList<>(Collections.nCopies(x.type().rank(), Dim.ZERO));
    List<Dim> sizes = new ArrayList<>(x.type().shape());
    starts.set(axis, start);
    sizes.set(axis, size);
    return b.add(new Slice(starts, sizes, Collections.nCopies(sizes.size(), 1L)), x);
  }

  /// Adds a slice that reverses one axis.
  public static Value reversed(GraphBuilder b, Value x, int axis) {
    List<Dim> starts = new ArrayList<>(Collections.nCopies(x.type().rank(), Dim.ZERO));
    List<Long> steps = new ArrayList<>(Collections.nCopies(x.type().rank(), 1L));
    starts.set(axis, x.type().dim(axis).minus(1));
    steps.set(axis, -1L);
    return b.add(new Slice(starts, x.type().shape(), steps), x);
  }

  @Override
  public String mnemonic() {
    return "slice";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    int rank = x.rank();
    if (starts.size() != rank || sizes.size() != rank || steps.size() != rank) {
      throw new OpException("a slice of " + x + " needs a start, a size and a step for each axis");
    }
    for (int i = 0; i < rank; i++) {
      Dim last = place(i, sizes.get(i).minus(1));
      if (steps.get(i) == 0) {
        throw new OpException("a slice of " + x + " has step 0 along axis " + i);
      }
      if (!sizes.get(i).is(0)
          && (negative(starts.get(i))
              || negative(last)
              || negative(x.dim(i).minus(1).minus(starts.get(i)))
              || negative(x.dim(i).minus(1).minus(last)))) {
        throw new OpException(
            "a slice takes places "
                + starts.get(i)
                + " to "
                + last
                + " of axis "
                + i
                + " of "
                + x
                + ", which has "
                + x.dim(i));
      }
    }
    return List.of(x.withShape(sizes));
  }

  private static boolean negative(Dim dim) {
    return dim.isConstant() && dim.constant() < 0;
  }

  private Dim place(int axis, Dim index) {
    return starts.get(axis).plus(index.times(steps.get(axis)));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return Elem.read(0, IntStream.range(0, at.size()).mapToObj(i -> place(i, at.get(i))).toList());
  }

  /// The cotangent lies where the elements were taken, among zeros.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value d = Objects.requireNonNull(dy.getFirst());
    List<Dim> low = new ArrayList<>();
    List<Dim> high = new ArrayList<>();
    List<Long> interior = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      Dim last = place(i, sizes.get(i).minus(1));
      if (steps.get(i) < 0) {
        d = reversed(b, d, i);
      }
      Dim first = steps.get(i) < 0 ? last : starts.get(i);
      Dim end = steps.get(i) < 0 ? starts.get(i) : last;
      low.add(first);
      high.add(node.operand(0).type().dim(i).minus(1).minus(end));
      interior.add(Math.abs(steps.get(i)) - 1);
    }
    return Collections.singletonList(b.add(new Pad(low, high, interior, 0), d));
  }
}
