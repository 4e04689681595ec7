package dev.sinter.compiler;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Training;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The values that a model's parameters begin with.
final class FirstValues {
  private FirstValues() {}

  /// The parameters that are saved with a model, in the order of their declaration.
  ///
  /// @param known the names of those that it uses
  static List<ModelGraph.Parameter> saved(ModelGraph model, Set<String> known) {
    return model.parameters().stream()
        .filter(p -> known.contains(p.name()))
        .filter(p -> p.type().shape().stream().allMatch(Dim::isConstant))
        .filter(
            p -> p.kind() != ModelGraph.Kind.SLOT || !(p.initializer() instanceof Initializer.Fill))
        .toList();
  }

  /// The values of `saved` as the options say: out of a file, initialized where that may leave them
  /// out.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException when the file does not fit the model
  static Map<String, Tensor> of(
      ModelGraph model, List<ModelGraph.Parameter> saved, CompileOptions options)
      throws IOException {
    long seed = options.seed().orElse(model.training().map(Training::seed).orElse(0L));
    if (options.weights().isEmpty()) {
      return new Initialize(seed).tensors(saved);
    }
    Map<String, Tensor> given =
        options.weights().get().read(saved, model.contracts().weightNames());
    List<ModelGraph.Parameter> rest =
        saved.stream().filter(p -> !given.containsKey(p.name())).toList();
    Map<String, Tensor> begun = new Initialize(seed).tensors(rest);
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (ModelGraph.Parameter parameter : saved) {
      String name = parameter.name();
      values.put(name, Objects.requireNonNull(given.getOrDefault(name, begun.get(name))));
    }
    return values;
  }
}
