package dev.sinter.ir.op;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ModelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A loop that runs while a condition holds. Operands: `carried` first values, then what every turn
/// sees. Region 0 answers the scalar bool that decides on another turn, region 1 the next carried
/// values; both take all operands. The results are the carried values at the end.
///
/// @param carried how many values are carried
/// @param limit the most turns
/// @param fails whether it is a fault if the condition holds after them; else the loop ends then
public record While(int carried, long limit, boolean fails) implements ControlFlow {
  /// The fault of a loop of `entry` that is not to end like this.
  public static ModelException endless(String entry, long limit) {
    return new ModelException(
        "a loop of %s has not ended after %d turns, which are the most it may have"
            .formatted(entry, limit));
  }

  @Override
  public String mnemonic() {
    return "while";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    List<TensorType> loop = operands.subList(0, carried);
    if (regions.stream().anyMatch(r -> !If.types(r.params()).equals(operands))
        || !If.types(regions.get(0).results())
            .equals(List.of(TensorType.of(DType.BOOL, new long[0])))
        || !If.types(regions.get(1).results()).equals(loop)) {
      throw new OpException("the body of a while has other types than its place");
    }
    return loop;
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    throw new OpException(
        "a while loop has no derivative, since its number of turns is not known: use scan");
  }
}
