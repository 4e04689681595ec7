package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;

/// What a graph gives for made-up inputs, to hold a program's answers against.
///
/// @param inputs every input by its name
/// @param arguments the inputs that a caller gives, in order
/// @param expected what the interpreter gives
record Agreement(
    Map<String, Tensor> inputs, List<Tensor> arguments, Map<Graph.Output, Tensor> expected) {
  /// A program under test: from the arguments, and weights and states by name, to the answers;
  /// states are written in place.
  interface Run {
    List<Tensor> of(List<Tensor> arguments, Map<String, Tensor> kept);
  }

  /// @param sizes the values of the graph's sizes
  static Agreement of(Graph graph, Map<String, Long> sizes) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<Tensor> arguments = new ArrayList<>();
    for (Graph.Input input : graph.inputs()) {
      long[] shape =
          graph.input(inputs.size()).type().shape().stream()
              .mapToLong(d -> d.evaluate(s -> sizes.getOrDefault(s, 0L)))
              .toArray();
      Tensor tensor = Tensor.zeros(graph.input(inputs.size()).type().dtype(), shape);
      for (long i = 0; i < tensor.size(); i++) {
        double value = Math.sin((double) (i + 7L * inputs.size()));
        // What weights may be kept in holds them exactly.
        boolean weight = input.role() == Graph.Role.WEIGHT;
        if (tensor.dtype() == DType.I8) {
          tensor.setLong(i, Math.round(value * 127));
        } else {
          tensor.setDouble(i, weight ? DType.BF16.round(value) : value);
        }
      }
      inputs.put(input.name(), tensor);
      if (input.role() == Graph.Role.ARGUMENT) {
        arguments.add(tensor);
      }
    }
    return new Agreement(inputs, arguments, Interpreter.rounding().run(graph, inputs));
  }

  /// Runs a program and demands the graph's answers, to within `tolerance`.
  void check(String what, double tolerance, Run run) {
    Map<String, Tensor> kept = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> kept.put(name, tensor.copy()));
    List<Tensor> answers = run.of(arguments, kept);
    int next = 0;
    for (var entry : expected.entrySet()) {
      Tensor actual =
          entry.getKey().role() == Graph.Role.STATE
              ? Objects.requireNonNull(kept.get(entry.getKey().name()))
              : answers.get(next++);
      assertThat(actual.toDoubleArray())
          .as("%s %s", entry.getKey().name(), what)
          .containsExactly(entry.getValue().toDoubleArray(), Offset.offset(tolerance));
    }
  }
}
