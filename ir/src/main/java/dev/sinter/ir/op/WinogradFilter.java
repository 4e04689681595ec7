package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The filter of a convolution with three places along an axis, transformed along it for
/// `F(outputs, 3)`. From `f32[.., 3, ..]` to `f32[outputs + 2, .., ..]`: the transform's elements
/// are the first axis, and the window's is gone.
///
/// @param axis the axis of the operand
/// @param outputs how many results of the convolution a tile stands for, 2 or 4
public record WinogradFilter(int axis, int outputs) implements Primitive {
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
    TensorType w = Winograd.operand(this, operands, axis);
    if (!w.dim(axis).is(Winograd.WINDOW)) {
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
    return Winograd.of(this, outputs)
        .filtered(
            operands.getFirst().dtype(),
            at.getFirst(),
            i -> {
              List<Dim> index = new ArrayList<>(at.subList(1, at.size()));
              index.add(axis, Dim.of(i));
              return index;
            });
  }
}
