package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.text.GraphParser;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which weights become integers, and what that does to results.
class QuantizeWeightsTest {
  private static Graph graph(String w, String y, String product) {
    return GraphParser.graph(
        """
        graph net(argument x %%x: f32[9, 64], weight w %%w: %s) {
          %%y: %s = contract(%s, accumulator = f32}
          return argument y = %%y
        }
        """
            .formatted(w, y, product));
  }

  private static Graph quantized(Graph graph) {
    return QuantizeWeights.quantize(graph, LoadTime.shared(List.of(graph)), WeightStorage.INT8);
  }

  private static Tensor normal(long seed, long... shape) {
    Random random = new Random(seed);
    Tensor tensor = Tensor.zeros(DType.F32, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextGaussian());
    }
    return tensor;
  }

  private static double[] run(Graph graph, Tensor weight) {
    Map<String, Tensor> inputs = Map.of("x", normal(1, 9, 64), "w", weight);
    return Interpreter.rounding().run(graph, inputs).values().iterator().next().toDoubleArray();
  }

  /// The weight as it is, transposed, and on the other side.
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "64, 70; %x, %w) {left = \"ab\", right = \"bc\", out = \"ac\"",
        "70, 64; %x, %w) {left = \"ab\", right = \"cb\", out = \"ac\"",
        "70, 64; %w, %x) {left = \"cb\", right = \"ab\", out = \"ac\""
      })
  void aWeightIsWholeNumbersTimesAScaleOfEachColumn(String shape, String product) {
    Graph graph = graph("f32[" + shape + "]", "f32[9, 70]", product);
    Graph quantized = quantized(graph);
    String text = GraphPrinter.print(quantized);
    assertThat(text).containsOnlyOnce("contract").contains("i8[" + shape + "]");
    long columns = Long.parseLong(shape.substring(0, 2));
    Tensor weight = normal(2, columns, columns == 70 ? 64 : 70);
    double[] expected = run(graph, weight);
    double[] actual = run(quantized, weight);
    for (int i = 0; i < expected.length; i++) {
      // 64 products, each off by half a step of the largest weight, some 3.5, over 127.
      assertThat(actual[i]).isCloseTo(expected[i], org.assertj.core.data.Offset.offset(0.4));
    }
  }

  @Test
  void columnsOfZerosStayZero() {
    Graph graph =
        graph("f32[64, 70]", "f32[9, 70]", "%x, %w) {left = \"ab\", right = \"bc\", out = \"ac\"");
    assertThat(run(quantized(graph), Tensor.zeros(DType.F32, 64, 70))).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Fewer than 4,096 elements.
        "f32[64, 60]; f32[9, 60]; %x, %w) {left = \"ab\", right = \"bc\", out = \"ac\"",
        // No more columns than a vector has lanes.
        "f32[16, 64, 9]; f32[9, 16]; %x, %w) {left = \"ab\", right = \"cba\", out = \"ac\"",
        // The lanes run along the other operand.
        "f32[70, 64]; f32[70, 9]; %x, %w) {left = \"ab\", right = \"cb\", out = \"ca\"",
        // Nothing is summed in it.
        "f32[9, 512]; f32[9, 512]; %x, %w) {left = \"ab\", right = \"ac\", out = \"ac\""
      })
  void otherWeightsStayAsTheyAre(String what) {
    String[] parts = what.split("; ", -1);
    Graph graph = graph(parts[0], parts[1], parts[2]);
    assertThat(quantized(graph)).isEqualTo(graph);
  }

  @Test
  void whatIsTrainedAndWhatNobodyAskedForStaysAsItIs() {
    String net =
        """
        graph net(argument x %%x: f32[9, 64], %s w %%w: f32[64, 70]) {
          %%y: f32[9, 70] = contract(%%x, %%w) {left = "ab", right = "bc", out = "ac", accumulator = f32}
          return argument y = %%y%s
        }
        """;
    Graph trained = GraphParser.graph(net.formatted("state", ", state w = %w"));
    assertThat(quantized(trained)).isEqualTo(trained);
    Graph plain = GraphParser.graph(net.formatted("weight", ""));
    assertThat(quantized(plain)).isNotEqualTo(plain);
    for (WeightStorage other : List.of(WeightStorage.F32, WeightStorage.BF16)) {
      assertThat(QuantizeWeights.quantize(plain, LoadTime.shared(List.of(plain)), other))
          .isEqualTo(plain);
    }
  }
}
