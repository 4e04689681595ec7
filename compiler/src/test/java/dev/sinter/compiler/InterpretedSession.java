package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// A model run by the interpreter, with the same parameters and states as a session; the two are
/// called together and compared.
final class InterpretedSession {
  private final ModelGraph model;
  private final Map<String, Tensor> parameters;

  InterpretedSession(ModelGraph model, Map<String, Tensor> parameters) {
    this.model = model;
    this.parameters = new HashMap<>(parameters);
  }

  /// Runs an entry; states go on.
  Map<String, Tensor> run(String entry, Map<String, Tensor> arguments) {
    Graph graph = model.entry(entry).orElseThrow();
    Map<String, Tensor> inputs = new HashMap<>(parameters);
    inputs.putAll(arguments);
    Map<String, Tensor> results = new LinkedHashMap<>();
    Interpreter.rounding()
        .run(graph, inputs)
        .forEach((output, tensor) -> {
          if (output.role() == Graph.Role.STATE) {
            parameters.put(output.name(), tensor);
          } else {
            results.put(output.name(), tensor);
          }
        });
    return results;
  }

  /// Runs an entry both ways and compares results and states.
  void compare(Session session, String entry, Map<String, Tensor> arguments, double tolerance) {
    Map<String, Tensor> expected = run(entry, arguments);
    Map<String, Tensor> actual = session.run(entry, arguments);
    assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
    expected.forEach(
        (name, tensor) -> close(name, Objects.requireNonNull(actual.get(name)), tensor, tolerance));
    for (Graph.Output output : model.entry(entry).orElseThrow().outputs()) {
      if (output.role() == Graph.Role.STATE) {
        close(
            output.name(),
            session.state(output.name()),
            Objects.requireNonNull(parameters.get(output.name())),
            tolerance);
      }
    }
  }

  private static void close(String name, Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.type()).as(name).isEqualTo(expected.type());
    for (long i = 0; i < expected.size(); i++) {
      double wanted = expected.getDouble(i);
      double got = actual.getDouble(i);
      boolean same = Double.isNaN(wanted) ? Double.isNaN(got) : wanted == got;
      if (!same && !(Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted)))) {
        throw new AssertionError(
            "%s[%d] is %s, the interpreter has %s".formatted(name, i, got, wanted));
      }
    }
  }
}
