package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Between inputs and results floats of 16 bits are floats of 32.
class WidenFloatsTest {
  private final GraphBuilder b = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();

  private Value input(String name, DType dtype, Dim... shape) {
    inputs.add(new Graph.Input(name, Graph.Role.ARGUMENT));
    return b.parameter(TensorType.of(dtype, shape), name);
  }

  private Graph widened(Value result) {
    List<Graph.Output> outputs = List.of(new Graph.Output("y", Graph.Role.ARGUMENT));
    Graph graph = new Graph("forward", inputs, outputs, b.region(List.of(result)), Facts.NONE);
    return DeadCode.remove(WidenFloats.widen(graph));
  }

  @Test
  void onlyResultsAreRounded() {
    Value x = input("x", DType.F16, Dim.of(2), Dim.of(3));
    Value w = input("w", DType.F16, Dim.of(3), Dim.of(2));
    Value product = Contract.of(b, "mk,kn->mn", x, w);
    Value rounded = b.add(new Cast(DType.F16), b.add(new Cast(DType.F32), product));
    Value joined = b.add(new Concat(0), rounded, b.add(Pointwise.EXP, product));
    Graph graph = widened(b.add(Pointwise.SUB, joined, joined));
    List<Node> nodes = graph.body().nodes();
    assertThat(nodes.stream().filter(n -> n.op() instanceof Cast)).hasSize(3);
    assertThat(nodes.getLast().op()).isEqualTo(new Cast(DType.F16));
    assertThat(nodes.subList(0, nodes.size() - 1))
        .allSatisfy(node -> assertThat(node.result().type().dtype()).isEqualTo(DType.F32));
  }

  @Test
  void whatLiesBetweenIsMorePrecise() {
    Value x = input("x", DType.BF16, Dim.of(1));
    Value one = b.fill(TensorType.of(DType.BF16, Dim.of(1)), 1);
    // 1/512 is lost beside 1 in 8 bits of mantissa.
    Graph graph = widened(b.add(Pointwise.SUB, b.add(Pointwise.ADD, x, one), one));
    Tensor small = Tensor.allocate(DType.BF16, 1);
    small.setDouble(0, 0x1p-9);
    Tensor y = Interpreter.rounding().run(graph.body(), List.of(small), Bindings.NONE).getFirst();
    assertThat(y.dtype()).isEqualTo(DType.BF16);
    assertThat(y.getDouble(0)).isEqualTo(0x1p-9);
  }

  @Test
  void whatIsWrittenToKeepsItsType() {
    Value cache = input("cache", DType.F16, Dim.of(100), Dim.of(2));
    Value line = input("line", DType.F16, Dim.of(1), Dim.of(2));
    Value at = input("at", DType.I64);
    Value update = b.add(new UpdateSlice(0), cache, b.add(Pointwise.EXP, line), at);
    Graph graph = widened(update);
    Node write = Objects.requireNonNull(graph.body().results().getFirst().definer());
    assertThat(write.op()).isInstanceOf(UpdateSlice.class);
    assertThat(write.operand(0)).isSameAs(graph.body().params().getFirst());
  }

  @Test
  void graphsOfOtherTypesAreLeftAlone() {
    Value x = input("x", DType.F64, Dim.of(3));
    Graph graph = widened(b.add(Pointwise.EXP, x));
    assertThat(WidenFloats.widen(graph)).isSameAs(graph);
  }
}
