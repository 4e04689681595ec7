package dev.sinter.compiler;

import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads a model's parameters from a safetensors file, and says everything that does not fit.
final class WeightFile {
  private final Path file;
  private final Diagnostics diagnostics = new Diagnostics();

  private WeightFile(Path file) {
    this.file = file;
  }

  /// The values in `file` for `parameters`.
  ///
  /// States and slots may be missing, and then begin as their initializers say.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for missing, unexpected and misshapen
  ///   tensors
  /// @throws IOException when the file cannot be read or is no safetensors file
  static Map<String, Tensor> read(Path file, List<ModelGraph.Parameter> parameters)
      throws IOException {
    WeightFile reader = new WeightFile(file);
    try (Safetensors tensors = Safetensors.open(file)) {
      Map<String, Tensor> found = reader.match(tensors.tensors(), parameters);
      reader.diagnostics.throwIfErrors();
      return found;
    }
  }

  private Map<String, Tensor> match(
      Map<String, Tensor> tensors, List<ModelGraph.Parameter> parameters) {
    Map<String, Tensor> found = new LinkedHashMap<>();
    Map<String, Tensor> rest = new LinkedHashMap<>(tensors);
    for (ModelGraph.Parameter parameter : parameters) {
      Tensor tensor = rest.remove(parameter.name());
      if (tensor != null && fits(tensor, parameter.type())) {
        found.put(parameter.name(), tensor.copy());
      } else if (tensor != null) {
        report(
            DiagnosticCode.WEIGHT_MISMATCH,
            parameter.name() + " is " + tensor.type() + " in the file",
            "the model has " + parameter.name() + ": " + parameter.type());
      } else if (parameter.kind() == ModelGraph.Kind.WEIGHT) {
        report(
            DiagnosticCode.WEIGHT_MISSING,
            "the file has no tensor for " + parameter.name(),
            "the model has " + parameter.name() + ": " + parameter.type());
      }
    }
    rest.forEach((name, tensor) ->
        report(
            DiagnosticCode.WEIGHT_UNEXPECTED,
            "the model has no parameter " + name,
            "the file has " + name + ": " + tensor.type()));
    return found;
  }

  private static boolean fits(Tensor tensor, TensorType type) {
    boolean fits = tensor.dtype() == type.dtype() && tensor.rank() == type.rank();
    for (int axis = 0; fits && axis < type.rank(); axis++) {
      fits = !type.dim(axis).isConstant() || type.dim(axis).is(tensor.dim(axis));
    }
    return fits;
  }

  private void report(DiagnosticCode code, String message, String note) {
    Span place = new Span(new SourceText(file.toString(), ""), 0, 0);
    diagnostics.report(Diagnostic.error(code, place, message).note(note));
  }
}
