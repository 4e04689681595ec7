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

/// The results of a convolution from the products of its transforms, along one axis for `F(outputs,
/// 3)`. From `f32[outputs + 2, .., T, ..]` to `f32[.., outputs * T, ..]`.
///
/// @param axis the axis of the result
/// @param outputs how many results a tile has, 2 or 4
public record WinogradOutput(int axis, int outputs) implements Primitive {
  @Override
  public String mnemonic() {
    return "winograd_output";
  }

  @Override
  public Kind kind() {
    return Kind.TRANSFORM;
  }

  @Override
  public Optional<Phases> phases() {
    return Optional.of(new Phases(axis, outputs));
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    TensorType products = Winograd.operand(this, operands, axis + 1);
    Winograd transform = Winograd.of(this, outputs);
    if (!products.dim(0).is(transform.points())) {
      throw new OpException(
          "%s of %s, whose first axis has %s places and not %d"
              .formatted(mnemonic(), products, products.dim(0), transform.points()));
    }
    List<Dim> shape = new ArrayList<>(products.shape());
    shape.removeFirst();
    shape.set(axis, shape.get(axis).times(outputs));
    return List.of(products.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return Winograd.of(this, outputs)
        .result(
            operands.getFirst().dtype(),
            at.get(axis).mod(outputs),
            i -> {
              List<Dim> index = new ArrayList<>(at);
              index.set(axis, at.get(axis).floorDiv(Dim.of(outputs)));
              index.addFirst(Dim.of(i));
              return index;
            });
  }
}
