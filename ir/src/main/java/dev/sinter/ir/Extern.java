package dev.sinter.ir;

import dev.sinter.runtime.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An algorithm that is no loop nest: the closed list of what runs outside generated kernels.
public enum Extern implements Op {
  /// Sorts along the last axis: values and `i64` positions, descending, equal ones in order; NaN
  /// comes before all.
  SORT;

  @Override
  public String mnemonic() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    TensorType x = operands.getFirst();
    if (x.rank() == 0) {
      throw new OpException(mnemonic() + " of a scalar, " + x + ": it sorts along the last axis");
    }
    return List.of(x, x.withDtype(DType.I64));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new OpException(mnemonic() + " has no derivative");
  }
}
