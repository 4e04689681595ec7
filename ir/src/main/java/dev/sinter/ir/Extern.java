package dev.sinter.ir;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An algorithm that is no loop nest: the closed list of what runs outside generated kernels.
public enum Extern implements Op {
  /// Sorts along the last axis: values and `i64` positions, descending, equal ones in order.
  SORT;

  @Override
  public String mnemonic() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    return List.of(operands.get(0), operands.get(0).withDtype(dev.sinter.runtime.DType.I64));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new OpException(mnemonic() + " has no derivative");
  }
}
