package dev.sinter.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Graph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.Size;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.onnx.model.OnnxGraph.ValueType;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.onnx.model.OnnxTensor;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Sequences are gone when the model is compiled.
class TensorListTest {
  private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

  private final List<OnnxTensor> constants = new ArrayList<>();
  private final List<OnnxNode> nodes = new ArrayList<>();

  private void constant(String name, Tensor tensor) {
    constants.add(OnnxTensor.of(name, tensor));
  }

  private void number(String name, long value) {
    Tensor tensor = Tensor.zeros(DType.I64);
    tensor.setLong(0, value);
    constant(name, tensor);
  }

  private void node(String opType, List<String> from, String to, OnnxAttribute... attributes) {
    nodes.add(node(opType, from, List.of(to), attributes));
  }

  private static OnnxNode node(
      String opType, List<String> from, List<String> to, OnnxAttribute... attributes) {
    Map<String, OnnxAttribute> all = new HashMap<>();
    Arrays.stream(attributes).forEach(a -> all.put(a.name(), a));
    return new OnnxNode("", "", opType, "", from, to, all);
  }

  private static OnnxAttribute attribute(String name, long value) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Int(value));
  }

  private static ValueInfo info(String name, List<Size> sizes) {
    return new ValueInfo(
        name,
        Optional.of(new ValueType("tensor", OnnxTypes.number(DType.F32), Optional.of(sizes))));
  }

  private Graph read() {
    List<Size> sizes =
        List.of(
            new Size(Optional.empty(), Optional.of("rows")),
            new Size(Optional.of(3L), Optional.empty()));
    ValueInfo output = new ValueInfo("y", Optional.empty());
    OnnxGraph graph =
        new OnnxGraph("g", nodes, List.of(info("x", sizes)), List.of(output), constants, List.of());
    OnnxModel model =
        new OnnxModel(8, List.of(new OnnxModel.OperatorSet("", 17)), graph, List.of());
    return OnnxImporter.read(model, "Test", "test", TensorData.INLINE, Map.of())
        .entries()
        .getFirst();
  }

  private Tensor result() {
    return Interpreter.rounding().run(read(), Map.of("x", X)).values().iterator().next();
  }

  @Test
  void splitsAndJoins() {
    number("last", -1);
    number("first", 0);
    node("SplitToSequence", List.of("x"), "parts", attribute("axis", 1), attribute("keepdims", 0));
    node("SequenceAt", List.of("parts", "last"), "end");
    node("SequenceInsert", List.of("parts", "end", "first"), "more");
    node("SequenceErase", List.of("more"), "some");
    node(
        "ConcatFromSequence",
        List.of("some"),
        "y",
        attribute("axis", -1),
        attribute("new_axis", 1));
    Tensor y = result();
    assertThat(y.shape()).containsExactly(2, 3);
    assertThat(y.toFloatArray()).containsExactly(3, 1, 2, 6, 4, 5);
  }

  @Test
  void splitsBySizes() {
    constant("sizes", Tensor.of(new long[] {1, 2}, 2));
    number("one", 1);
    node("SplitToSequence", List.of("x", "sizes"), "parts", attribute("axis", 1));
    node("SequenceAt", List.of("parts", "one"), "y");
    assertThat(result().toFloatArray()).containsExactly(2, 3, 5, 6);
  }

  @Test
  void mapsAGraphOverElements() {
    number("two", 2);
    OnnxGraph body =
        new OnnxGraph(
            "body",
            List.of(node("Add", List.of("each", "whole"), List.of("sum"))),
            List.of(
                new ValueInfo("each", Optional.empty()), new ValueInfo("whole", Optional.empty())),
            List.of(new ValueInfo("sum", Optional.empty())),
            List.of(),
            List.of());
    node("SplitToSequence", List.of("x", "two"), "parts", attribute("axis", 1));
    node("SequenceConstruct", List.of("x", "x"), "both");
    node("SequenceEmpty", List.of(), "none");
    node("SequenceInsert", List.of("none", "x"), "single");
    nodes.add(
        node(
            "SequenceMap",
            List.of("single", "x"),
            List.of("sums"),
            new OnnxAttribute("body", new OnnxAttribute.Value.Graph(body))));
    node("SequenceLength", List.of("both"), "length");
    node("Cast", List.of("length"), "real", attribute("to", 1));
    node("ConcatFromSequence", List.of("sums"), "all", attribute("axis", 0));
    node("Mul", List.of("all", "real"), "y");
    assertThat(result().toFloatArray()).containsExactly(4, 8, 12, 16, 20, 24);
  }

  @Test
  void saysWhatIsNoTensor() {
    node("SequenceConstruct", List.of("x"), "y");
    assertThatThrownBy(this::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("output y is a sequence");
    node("Neg", List.of("y"), "z");
    assertThatThrownBy(this::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("sequence is no tensor");
  }

  @Test
  void refusesAPlaceThatIsNotThere() {
    number("seven", 7);
    node("SequenceConstruct", List.of("x", "x"), "both");
    node("SequenceAt", List.of("both", "seven"), "y");
    assertThatThrownBy(this::read)
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("place 7 of a sequence of 2");
  }
}
