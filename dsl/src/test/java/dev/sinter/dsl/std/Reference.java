package dev.sinter.dsl.std;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.dsl.Text;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Graph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.GradientCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// A part of the standard library beside loops that say what it computes.
///
/// @param graph the model's function
/// @param inputs arguments, weights and states, in the order of the graph
record Reference(Graph graph, List<Tensor> inputs) {

  /// What loops give for one element of the result.
  interface Element {
    double at(Map<String, Nd> in, int... place);
  }

  /// A tensor that is read by indices.
  record Nd(Tensor tensor) {
    double at(int... place) {
      long flat = 0;
      for (int axis = 0; axis < place.length; axis++) {
        flat = flat * tensor.dim(axis) + place[axis];
      }
      return tensor.dtype().isFloat() ? tensor.getDouble(flat) : tensor.getLong(flat);
    }

    int size(int axis) {
      return (int) tensor.dim(axis);
    }
  }

  /// The text's model `M`, its sizes as given.
  ///
  /// @param sizes the values of the symbols
  static Reference of(String text, Map<String, Long> sizes) {
    Text read = Text.of(text);
    assertThat(read.said()).isEmpty();
    Graph graph = read.elaborate("M").entries().getFirst();
    Bindings bindings = new Bindings(sizes);
    Random random = new Random(text.hashCode());
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      inputs.add(input(graph.inputs().get(i).name(), graph.input(i), bindings, random));
    }
    return new Reference(graph, inputs);
  }

  /// Random values, by the input's name: `wide*` far from whole numbers, where functions have
  /// kinks; `p*` and variances between 0 and 1; labels among the first classes.
  private static Tensor input(String name, Value value, Bindings bindings, Random random) {
    TensorType type = value.type();
    boolean isFloat = type.dtype().isFloat();
    Tensor tensor = Tensor.zeros(isFloat ? DType.F64 : type.dtype(), bindings.shape(type.shape()));
    for (int at = 0; at < tensor.size(); at++) {
      if (!isFloat) {
        tensor.setLong(at, random.nextInt(3));
      } else if (name.startsWith("wide")) {
        tensor.setDouble(at, random.nextInt(-8, 8) + (name.equals("wide") ? 0.37 : 0.13));
      } else if (name.startsWith("p") || name.endsWith("var")) {
        tensor.setDouble(at, random.nextDouble(0.1, 0.9));
      } else {
        tensor.setDouble(at, random.nextDouble(0.2, 1.2) * (random.nextBoolean() ? 1 : -1));
      }
    }
    return tensor;
  }

  /// Fails unless result `number` is what the loops give, element for element.
  Reference gives(int number, Element loops) {
    Map<String, Nd> in = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      in.put(graph.inputs().get(i).name(), new Nd(inputs.get(i)));
    }
    Graph plain = Differentiate.differentiate(graph);
    Tensor result = Interpreter.exact().run(plain, inputs).get(number);
    assertThat(result.size()).isPositive();
    int[] place = new int[result.rank()];
    for (long flat = 0; flat < result.size(); flat++) {
      double expected = loops.at(in, place);
      assertThat(result.getDouble(flat))
          .as("at %s", java.util.Arrays.toString(place))
          .isCloseTo(expected, within(1e-7 * Math.max(1, Math.abs(expected))));
      for (int axis = place.length - 1; axis >= 0 && ++place[axis] == result.dim(axis); axis--) {
        place[axis] = 0;
      }
    }
    return this;
  }

  /// Fails unless the gradients by all float inputs agree with differences.
  void hasTheGradient() {
    new GradientCheck(Differentiate::differentiate).check(graph, inputs, 7);
  }

  static Nd in(Map<String, Nd> in, String name) {
    return Objects.requireNonNull(in.get(name), name);
  }

  static double sum(int n, java.util.function.IntToDoubleFunction of) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += of.applyAsDouble(i);
    }
    return sum;
  }
}
