package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A tensor with more places before, after and between its own, all of one value.
///
/// @param low for each axis how many places come before, not negative
/// @param high for each axis how many come after, not negative
/// @param interior for each axis how many come between two neighbours
/// @param value the element of the new places
public record Pad(List<Dim> low, List<Dim> high, List<Long> interior, double value)
    implements Primitive {
  public Pad {
    low = List.copyOf(low);
    high = List.copyOf(high);
    interior = List.copyOf(interior);
  }

  @Override
  public String mnemonic() {
    return "pad";
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
    if (low.size() != rank || high.size() != rank || interior.size() != rank) {
      throw new OpException("a pad of " + x + " needs three numbers for each axis");
    }
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      if (negative(low.get(i)) || negative(high.get(i)) || interior.get(i) < 0) {
        throw new OpException("a pad of " + x + " by fewer than no places along axis " + i);
      }
      shape.add(low.get(i).plus(spread(x.dim(i), i)).plus(high.get(i)));
    }
    return List.of(x.withShape(shape));
  }

  private static boolean negative(Dim dim) {
    return dim.isConstant() && dim.constant() < 0;
  }

  /// The size of axis `axis` with the places between but without those around.
  private Dim spread(Dim size, int axis) {
    return size.plus(size.minus(1).times(interior.get(axis)));
  }

  /// Whether there are new places along axis `axis`, or may be.
  public boolean isAlong(int axis) {
    return !low.get(axis).is(0) || !high.get(axis).is(0) || interior.get(axis) > 0;
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    TensorType x = operands.getFirst();
    List<Elem> conditions = new ArrayList<>();
    List<Dim> index = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      Dim place = at.get(i).minus(low.get(i));
      long step = interior.get(i) + 1;
      if (!low.get(i).is(0) || !high.get(i).is(0)) {
        conditions.add(Elem.inRange(place, spread(x.dim(i), i)));
      }
      if (step > 1) {
        Elem remainder = new Elem.IndexValue(DType.I64, place.mod(step));
        conditions.add(Elem.call(ScalarFn.EQ, remainder, Elem.literal(DType.I64, 0L)));
      }
      index.add(place.floorDiv(step));
    }
    return Elem.select(conditions, Elem.read(0, index), Elem.literal(x.dtype(), value));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    List<Long> steps = interior.stream().map(i -> i + 1).toList();
    return Collections.singletonList(
        b.add(
            new Slice(low, node.operand(0).type().shape(), steps),
            Objects.requireNonNull(dy.getFirst())));
  }
}
