package dev.sinter.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Graph;
import dev.sinter.ir.diagnostic.DiagnosticException;
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

/// What nodes need of sizes that a file leaves open is worked into them.
class OpenSizesTest {
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<OnnxTensor> constants = new ArrayList<>();
  private final List<OnnxNode> nodes = new ArrayList<>();

  private void input(String name, Object... sizes) {
    List<Size> all =
        Arrays.stream(sizes)
            .map(size ->
                size instanceof Number number
                    ? new Size(Optional.of(number.longValue()), Optional.empty())
                    : new Size(Optional.empty(), Optional.of(size.toString())))
            .toList();
    inputs.add(
        new ValueInfo(
            name,
            Optional.of(new ValueType("tensor", OnnxTypes.number(DType.F32), Optional.of(all)))));
  }

  private void constant(String name, Tensor tensor) {
    constants.add(OnnxTensor.of(name, tensor));
  }

  private void node(String opType, List<String> from, String to, OnnxAttribute... attributes) {
    Map<String, OnnxAttribute> all = new HashMap<>();
    Arrays.stream(attributes).forEach(a -> all.put(a.name(), a));
    nodes.add(new OnnxNode("", "", opType, "", from, List.of(to), all));
  }

  private static OnnxAttribute numbers(String name, Long... values) {
    return new OnnxAttribute(name, new OnnxAttribute.Value.Ints(List.of(values)));
  }

  private Graph read(Map<String, Long> sizes) {
    ValueInfo output =
        new ValueInfo(
            "y",
            Optional.of(new ValueType("tensor", OnnxTypes.number(DType.F32), Optional.empty())));
    OnnxGraph graph =
        new OnnxGraph("g", List.copyOf(nodes), inputs, List.of(output), constants, List.of());
    OnnxModel model =
        new OnnxModel(8, List.of(new OnnxModel.OperatorSet("", 17)), graph, List.of());
    return OnnxImporter.read(model, "Test", "test", TensorData.INLINE, sizes).entries().getFirst();
  }

  @Test
  void aTableOfPlacesBoundsTheSequence() {
    input("x", "batch", "length", 4);
    constant("table", Tensor.of(new float[16 * 4], 1, 16, 4));
    node("Shape", List.of("x"), "shape");
    constant("one", Tensor.of(new long[] {1}, 1));
    node("Gather", List.of("shape", "one"), "length");
    constant("zero", Tensor.of(new long[] {0}, 1));
    node("Slice", List.of("table", "zero", "length", "one"), "places");
    node("Add", List.of("x", "places"), "y");
    Graph graph = read(Map.of());
    assertThat(graph.output(0).type().toString()).isEqualTo("f32[batch, length, 4]");
    assertThat(graph.facts().facts().toString()).contains("left=16, right=length");
  }

  @Test
  void whatIsHalvedAndDoubledIsEven() {
    input("x", 1, 2, "H");
    node("MaxPool", List.of("x"), "half", numbers("kernel_shape", 2L), numbers("strides", 2L));
    constant("scales", Tensor.of(new float[] {1, 1, 2}, 3));
    node("Resize", List.of("half", "", "scales"), "again");
    node("Add", List.of("x", "again"), "y");
    assertThat(read(Map.of()).input(0).type().toString()).isEqualTo("f32[1, 2, 2*H2]");
  }

  @Test
  void twoNamesOfOneSizeAreOne() {
    input("a", "n", 3);
    input("b", "m", 3);
    node("Add", List.of("a", "b"), "y");
    Graph graph = read(Map.of());
    assertThat(graph.input(0).type()).isEqualTo(graph.input(1).type());
  }

  @Test
  void aQuestionMarkIsNoName() {
    input("x", "batch", 3, "?", "?");
    node("Relu", List.of("x"), "y");
    assertThat(read(Map.of("d0", 5L)).output(0).type().toString())
        .isEqualTo("f32[batch, 3, 5, d1]");
  }

  @Test
  void aSizeCanBeGiven() {
    input("x", "batch", "in");
    node("Relu", List.of("x"), "y");
    assertThat(read(Map.of("in", 7L)).output(0).type().toString()).isEqualTo("f32[batch, 7]");
    assertThatThrownBy(() -> read(Map.of("height", 7L)))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("no open size called height; it has [batch, in]");
  }

  @Test
  void anAxisTakenAwayHasOnePlace() {
    input("x", "batch", 3, "H");
    node("MaxPool", List.of("x"), "pooled", numbers("kernel_shape", 4L), numbers("strides", 4L));
    constant("axes", Tensor.of(new long[] {2}, 1));
    node("Squeeze", List.of("pooled", "axes"), "y");
    assertThatThrownBy(() -> read(Map.of()))
        .isInstanceOf(DiagnosticException.class)
        .hasMessageContaining("takes away an axis of size floor(H / 4), which is not known to be 1")
        .extracting(e -> ((DiagnosticException) e).diagnostics().getFirst().help().getFirst())
        .asString()
        .contains("--set H=NUMBER");
    assertThat(read(Map.of("H", 5L)).output(0).type().toString()).isEqualTo("f32[batch, 3]");
  }
}
