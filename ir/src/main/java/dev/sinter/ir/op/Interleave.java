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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Tensors of one type whose elements take turns along an axis: element `i` is the one at `floor(i
/// / count)` of operand `i mod count`.
///
/// @param axis the axis along which they take turns
/// @param count how many operands there are
public record Interleave(int axis, int count) implements Primitive {
  @Override
  public String mnemonic() {
    return "interleave";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public Optional<Phases> phases() {
    return Optional.of(new Phases(axis, count));
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, Math.max(1, count), count);
    TensorType first = operands.getFirst();
    OpException.checkAxis(this, first, axis);
    if (operands.stream().anyMatch(o -> !o.equals(first))) {
      throw new OpException("interleave of " + operands + ", which are not of one type");
    }
    List<Dim> shape = new ArrayList<>(first.shape());
    shape.set(axis, shape.get(axis).times(count));
    return List.of(first.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    List<Dim> index = new ArrayList<>(at);
    index.set(axis, at.get(axis).floorDiv(count));
    return Turns.of(at.get(axis).mod(count), count, i -> Elem.read(i, index));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    TensorType operand = node.operand(0).type();
    List<@Nullable Value> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Dim> starts = new ArrayList<>(Collections.nCopies(operand.rank(), Dim.ZERO));
      List<Long> steps = new ArrayList<>(Collections.nCopies(operand.rank(), 1L));
      starts.set(axis, Dim.of(i));
      steps.set(axis, (long) count);
      out.add(
          b.add(new Slice(starts, operand.shape(), steps), Objects.requireNonNull(dy.getFirst())));
    }
    return out;
  }
}
