package dev.sinter.onnx.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxGraph.ValueType;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Loops whose number of turns data tells.
class LoopRuleTest {
  /// A body that emits the number of its turn and goes on while that is less than `less`.
  private static OneNode counting(long less) {
    OnnxAttribute constant = new OnnxAttribute("value_int", new OnnxAttribute.Value.Int(less));
    OnnxGraph body =
        new OnnxGraph(
            "body",
            List.of(
                new OnnxNode(
                    "",
                    "",
                    "Constant",
                    "",
                    List.of(),
                    List.of("less"),
                    Map.of("value_int", constant)),
                new OnnxNode(
                    "", "", "Less", "", List.of("turn", "less"), List.of("again"), Map.of()),
                new OnnxNode("", "", "Identity", "", List.of("turn"), List.of("number"), Map.of())),
            List.of(info("turn", DType.I64), info("goes_on", DType.BOOL)),
            List.of(info("again", DType.BOOL), info("number", DType.I64)),
            List.of(),
            List.of());
    return new OneNode("Loop", 16).with("body", new OnnxAttribute.Value.Graph(body));
  }

  private static ValueInfo info(String name, DType dtype) {
    return new ValueInfo(
        name,
        Optional.of(new ValueType("tensor", OnnxTypes.number(dtype), Optional.of(List.of()))));
  }

  private static Tensor number(long value) {
    return Tensor.of(new long[] {value});
  }

  @Test
  void whatTurnsEmitIsAsLongAsThereWereTurns() {
    for (long turns : new long[] {0, 1, 4, 6}) {
      Tensor y = counting(100).input(number(turns)).leftOut().declares(6).result();
      assertThat(y.shape()).containsExactly(turns);
      assertThat(y.toLongArray()).isEqualTo(java.util.stream.LongStream.range(0, turns).toArray());
    }
  }

  @Test
  void aConditionEndsALoopOfKnownLength() {
    Tensor y = counting(2).constant(number(5)).leftOut().result();
    assertThat(y.toLongArray()).containsExactly(0, 1, 2);
  }

  @Test
  void moreTurnsThanDeclaredAreAFault() {
    assertThatThrownBy(() -> counting(100).input(number(7)).leftOut().declares(6).result())
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has not ended after 6 turns");
  }
}
