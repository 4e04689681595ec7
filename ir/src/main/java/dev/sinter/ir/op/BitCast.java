package dev.sinter.ir.op;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The bits of each element, taken as an element of another type of as many bits: the operand's
/// memory, read otherwise.
///
/// @param dtype the type of the result
public record BitCast(DType dtype) implements Op {
  @Override
  public String mnemonic() {
    return "bit_cast";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    if (x.dtype().bits() != dtype.bits() || x.dtype() == DType.BOOL || dtype == DType.BOOL) {
      throw new OpException("bit_cast of " + x + " to " + dtype + ", which has other bits");
    }
    return List.of(x.withDtype(dtype));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return Collections.singletonList(null);
  }
}
