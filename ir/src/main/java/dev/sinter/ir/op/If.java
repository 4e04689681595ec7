package dev.sinter.ir.op;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A choice at run time: operand 0 is a scalar bool, the others are what both regions take; region
/// 0 runs where it holds, else region 1. The results are the chosen region's.
public record If() implements ControlFlow {
  @Override
  public String mnemonic() {
    return "if";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    List<TensorType> yes = types(regions.get(0).results());
    if (!operands.getFirst().equals(TensorType.of(DType.BOOL, new long[0]))
        || !yes.equals(types(regions.get(1).results()))
        || regions.stream()
            .anyMatch(r -> !types(r.params()).equals(operands.subList(1, operands.size())))) {
      throw new OpException("the two sides of an if have other types than its place");
    }
    return yes;
  }

  static List<TensorType> types(List<Value> values) {
    return values.stream().map(Value::type).toList();
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new OpException("a choice at run time has no derivative yet");
  }
}
