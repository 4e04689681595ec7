package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.Safetensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds parameters among the tensors of a safetensors file, and says everything that does not fit.
///
/// @param name the file's name, for messages
/// @param place where it was asked for
public record WeightFile(String name, Span place) {

  /// The tensors of `file` for `parameters`, by the names of the latter. States and slots may be
  /// missing, and then begin as their initializers say.
  ///
  /// @param names what the model calls the file's tensors
  /// @param diagnostics where missing, unexpected and misshapen tensors are reported
  public Map<String, Tensor> match(
      Safetensors file,
      List<ModelGraph.Parameter> parameters,
      WeightNames names,
      Diagnostics diagnostics) {
    Map<String, Tensor> rest;
    try {
      rest = new LinkedHashMap<>(names.of(file));
    } catch (ModelException e) {
      diagnostics.report(
          Diagnostic.error(
              DiagnosticCode.WEIGHT_MISMATCH, place, name + ": " + String.valueOf(e.getMessage())));
      return Map.of();
    }
    Map<String, Tensor> found = new LinkedHashMap<>();
    for (ModelGraph.Parameter parameter : parameters) {
      String declared = "the model has " + parameter.name() + ": " + parameter.type();
      Tensor tensor = rest.remove(parameter.name());
      if (tensor != null && fits(tensor, parameter.type())) {
        found.put(parameter.name(), tensor);
      } else if (tensor != null) {
        diagnostics.report(
            Diagnostic.error(
                    DiagnosticCode.WEIGHT_MISMATCH,
                    place,
                    parameter.name() + " is " + tensor.type() + " in " + name)
                .note(declared));
      } else if (parameter.kind() == ModelGraph.Kind.WEIGHT) {
        diagnostics.report(
            Diagnostic.error(
                    DiagnosticCode.WEIGHT_MISSING,
                    place,
                    name + " has no tensor for " + parameter.name())
                .note(declared)
                .help("if the file calls it otherwise, say so: `rename \"...\" -> \"...\"`"));
      }
    }
    rest.forEach((tensorName, tensor) ->
        diagnostics.report(
            Diagnostic.error(
                    DiagnosticCode.WEIGHT_UNEXPECTED,
                    place,
                    "the model has no parameter " + tensorName)
                .note(name + " has " + tensorName + ": " + tensor.type())));
    return found;
  }

  private static boolean fits(Tensor tensor, TensorType type) {
    boolean fits = tensor.dtype() == type.dtype() && tensor.rank() == type.rank();
    for (int axis = 0; fits && axis < type.rank(); axis++) {
      fits = !type.dim(axis).isConstant() || type.dim(axis).is(tensor.dim(axis));
    }
    return fits;
  }
}
