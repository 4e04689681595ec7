package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tensor given element by element, as index notation in the language writes it.
///
/// @param axes the result's axes, whose symbols `body` uses
/// @param body what the element is
public record Comprehension(List<Axis> axes, Elem body) implements Primitive {
  @Override
  public String mnemonic() {
    return "comprehension";
  }

  @Override
  public Kind kind() {
    return Kind.GENERAL;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    return List.of(new TensorType(body.dtype(operands), axes.stream().map(Axis::extent).toList()));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Map<String, Dim> bindings = new HashMap<>();
    for (int i = 0; i < axes.size(); i++) {
      bindings.put(axes.get(i).symbol(), at.get(i));
    }
    return body.renamed(fresh).substitute(bindings);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new OpException("index notation has no derivative yet");
  }
}
