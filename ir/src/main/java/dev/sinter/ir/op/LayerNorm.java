package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `(x - mean) / sqrt(variance + eps)` over some axes together, then, if there are such operands,
/// times a factor and plus a summand of those axes' sizes. Source: Ba, Kiros and Hinton 2016.
///
/// @param axes the axes that are normalised together, ascending
/// @param eps added to the variance
public record LayerNorm(List<Integer> axes, double eps) implements Composite {
  public LayerNorm {
    axes = List.copyOf(axes);
  }

  @Override
  public String mnemonic() {
    return "layer_norm";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    Normalization.check(this, axes, operands, 3);
    Normalization normalization = new Normalization(b, axes, eps, true);
    DType dtype = operands.getFirst().type().dtype();
    Value y = normalization.normalize(Cast.to(b, operands.getFirst(), dtype.compute()));
    if (operands.size() > 1) {
      Value factor = Cast.to(b, operands.get(1), dtype.compute());
      y = b.add(Pointwise.MUL, y, normalization.spread(factor, y));
    }
    if (operands.size() > 2) {
      Value summand = Cast.to(b, operands.get(2), dtype.compute());
      y = b.add(Pointwise.ADD, y, normalization.spread(summand, y));
    }
    return List.of(Cast.to(b, y, dtype));
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return new Normalization(b, axes, eps, true)
        .derivative(node.operands(), Objects.requireNonNull(dy.getFirst()));
  }
}
