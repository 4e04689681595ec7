package dev.sinter.ir.op;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A loop over the first axis of some tensors.
///
/// Operands: `carried` first values of what the loop carries, `walked` tensors whose first axis has
/// size `steps`, and what every turn sees. The region's parameters: the turn `i32[]` counted from
/// 0, the carried values, one slice of each walked tensor, the values that every turn sees; its
/// results: the carried values' next, then what each turn emits. The node's results: the carried
/// values after the last turn, then the emitted ones stacked along a new first axis.
///
/// @param steps the number of turns
/// @param carried how many values are carried
/// @param walked how many tensors are walked
public record Scan(Dim steps, int carried, int walked) implements ControlFlow {
  @Override
  public String mnemonic() {
    return "scan";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    Region body = regions.getFirst();
    List<TensorType> expected = new ArrayList<>();
    expected.add(TensorType.of(DType.I32, new long[0]));
    for (int i = 0; i < operands.size(); i++) {
      TensorType type = operands.get(i);
      if (i >= carried && i < carried + walked) {
        if (type.rank() == 0 || !type.dim(0).equals(steps)) {
          throw new OpException("a scan of " + steps + " turns walks " + type);
        }
        type = type.withShape(type.shape().subList(1, type.rank()));
      }
      expected.add(type);
    }
    List<TensorType> results = If.types(body.results());
    if (!If.types(body.params()).equals(expected)
        || results.size() < carried
        || !results.subList(0, carried).equals(operands.subList(0, carried))) {
      throw new OpException("the body of a scan has other types than its place");
    }
    List<TensorType> out = new ArrayList<>(results.subList(0, carried));
    for (TensorType emitted : results.subList(carried, results.size())) {
      List<Dim> shape = new ArrayList<>(emitted.shape());
      shape.addFirst(steps);
      out.add(emitted.withShape(shape));
    }
    return out;
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return ScanGradient.of(b, this, node, dy);
  }

  /// The body of the same scan that also emits, after all else, what each turn finds carried: with
  /// it the derivative does not have to run the scan again.
  public Region saving(Region body) {
    List<Value> results = new ArrayList<>(body.results());
    results.addAll(entering(body));
    return new Region(body.params(), body.nodes(), results);
  }

  /// Whether `body` is [#saving].
  boolean isSaving(Region body) {
    int others = body.results().size() - carried;
    return others >= carried
        && body.results().subList(others, body.results().size()).equals(entering(body));
  }

  private List<Value> entering(Region body) {
    return body.params().subList(1, 1 + carried);
  }
}
