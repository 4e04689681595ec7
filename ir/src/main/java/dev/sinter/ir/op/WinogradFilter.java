package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.IndexedGradient;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The filter of a convolution with three places along an axis, transformed along it for
/// `F(outputs, 3)`. From `f32[.., 3, ..]` to `f32[outputs + 2, .., ..]`: the transform's elements
/// are the first axis, and the window's is gone.
///
/// @param axis the axis of the operand
/// @param outputs how many results of the convolution a tile stands for, 2 or 4
public record WinogradFilter(int axis, int outputs) implements Primitive {
  private static final int WINDOW = 3;

  @Override
  public String mnemonic() {
    return "winograd_filter";
  }

  @Override
  public Kind kind() {
    return Kind.TRANSFORM;
  }

  @Override
  public Optional<Phases> phases() {
    return Optional.of(new Phases(0, outputs + 2));
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType w = operands.getFirst();
    OpException.checkAxis(this, w, axis);
    Winograd.checkFloat(this, w);
    if (!w.dim(axis).is(WINDOW)) {
      throw new OpException(
          "%s along axis %d of %s, which has %s places and not 3"
              .formatted(mnemonic(), axis, w, w.dim(axis)));
    }
    List<Dim> shape = new ArrayList<>(w.shape());
    shape.remove(axis);
    shape.addFirst(Dim.of(Winograd.of(this, outputs).points()));
    return List.of(w.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Winograd transform = Winograd.of(this, outputs);
    List<Elem> window = new ArrayList<>();
    for (int i = 0; i < WINDOW; i++) {
      List<Dim> index = new ArrayList<>(at.subList(1, at.size()));
      index.add(axis, Dim.of(i));
      window.add(Elem.read(0, index));
    }
    return Winograd.inTurns(
        at.getFirst(),
        transform.points(),
        point -> transform.filtered(operands.getFirst().dtype(), point, window));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return IndexedGradient.of(b, node, this, Objects.requireNonNull(dy.getFirst()));
  }
}
