package dev.sinter.ir.op;

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
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Reorders the axes: axis `i` of the result is axis `permutation[i]` of the operand.
///
/// @param permutation each axis of the operand once
public record Transpose(List<Integer> permutation) implements Primitive {
  public Transpose {
    permutation = List.copyOf(permutation);
  }

  @Override
  public String mnemonic() {
    return "transpose";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    TensorType x = operands.getFirst();
    if (!permutation.stream().sorted().toList().equals(axes(x.rank()))) {
      throw new OpException("transpose of " + x + " by " + permutation);
    }
    return List.of(x.withShape(permutation.stream().map(x::dim).toList()));
  }

  private static List<Integer> axes(int rank) {
    return IntStream.range(0, rank).boxed().toList();
  }

  private List<Integer> inverse() {
    return axes(permutation.size()).stream().map(permutation::indexOf).toList();
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return Elem.read(0, inverse().stream().map(at::get).toList());
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return List.of(b.add(new Transpose(inverse()), Objects.requireNonNull(dy.getFirst())));
  }
}
