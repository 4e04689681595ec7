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

/// The input of a convolution with three places along an axis, transformed along it for `F(outputs,
/// 3)`. From `f32[.., outputs * T + 2, ..]` to `f32[outputs + 2, .., T, ..]`: tile `t` is made of
/// the places `outputs * t` to `outputs * t + outputs + 1`, and the transform's elements are the
/// first axis.
///
/// @param axis the axis of the operand
/// @param outputs how many results of the convolution a tile stands for, 2 or 4
public record WinogradInput(int axis, int outputs) implements Primitive {
  @Override
  public String mnemonic() {
    return "winograd_input";
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
    TensorType x = Winograd.operand(this, operands, axis);
    Winograd transform = Winograd.of(this, outputs);
    Dim tiles = x.dim(axis).minus(2).floorDiv(Dim.of(outputs));
    if (!tiles.times(outputs).plus(2).equals(x.dim(axis))) {
      throw new OpException(
          "%s along axis %d of %s, which has %s places: it takes tiles of %d, and 2 more"
              .formatted(mnemonic(), axis, x, x.dim(axis), outputs));
    }
    List<Dim> shape = new ArrayList<>(x.shape());
    shape.set(axis, tiles);
    shape.addFirst(Dim.of(transform.points()));
    return List.of(x.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return Winograd.of(this, outputs)
        .transformed(
            operands.getFirst().dtype(),
            at.getFirst(),
            i -> {
              List<Dim> index = new ArrayList<>(at.subList(1, at.size()));
              index.set(axis, index.get(axis).times(outputs).plus(i));
              return index;
            });
  }
}
