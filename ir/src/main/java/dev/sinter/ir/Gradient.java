package dev.sinter.ir;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradient of a scalar, operand 0, by each of the other operands, following the nodes of the
/// region that they stand in; one result for each, of the operand's type.
///
/// Only a graph that has not been differentiated holds one: the pass `Differentiate` puts the
/// gradient's own nodes in its place.
public record Gradient() implements Op {
  @Override
  public String mnemonic() {
    return "gradient";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    if (operands.size() < 2 || operands.getFirst().rank() != 0) {
      throw new OpException("gradient takes a scalar and at least one value to derive by");
    }
    for (TensorType operand : operands) {
      if (!operand.dtype().isFloat()) {
        throw new OpException("a gradient is of floats by floats, not of " + operand);
      }
    }
    return new ArrayList<>(operands.subList(1, operands.size()));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new IllegalStateException("an inner gradient is answered before an outer one");
  }
}
