package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.ModelException;
import dev.sinter.runtime.Rename;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds parameters among the tensors of a file of weights, and says everything that does not fit.
///
/// @param name the file's name, for messages
/// @param place where it was asked for
/// @param rules of whoever asked, which come before the model's own
public record WeightFile(String name, Span place, List<Rename> rules) {
  public WeightFile {
    rules = List.copyOf(rules);
  }

  /// The tensors of `file` for `parameters`, by the names and in the dtypes of the latter. States
  /// and slots may be missing, and then begin as their initializers say.
  ///
  /// @param names what the model calls the file's tensors
  /// @param diagnostics where it is reported what does not fit, all in one
  public Map<String, StoredTensor> match(
      Weights file,
      List<ModelGraph.Parameter> parameters,
      WeightNames names,
      Diagnostics diagnostics) {
    Map<String, StoredTensor> rest;
    try {
      rest = new LinkedHashMap<>(names.of(file, rules));
    } catch (ModelException e) {
      diagnostics.report(
          Diagnostic.error(
              DiagnosticCode.WEIGHTS_MISFIT, place, name + ": " + String.valueOf(e.getMessage())));
      return Map.of();
    }
    Map<String, StoredTensor> found = new LinkedHashMap<>();
    WeightMisfits misfits = new WeightMisfits();
    for (ModelGraph.Parameter parameter : parameters) {
      StoredTensor tensor = rest.remove(parameter.name());
      if (tensor != null && WeightMisfits.fits(tensor, parameter.type())) {
        found.put(parameter.name(), tensor.as(parameter.type().dtype()));
      } else if (tensor != null) {
        misfits.other(parameter, tensor);
      } else if (parameter.kind() == ModelGraph.Kind.WEIGHT) {
        misfits.missing(parameter);
      }
    }
    rest.forEach(misfits::unexpected);
    misfits.diagnostic(name, place, found.isEmpty()).ifPresent(diagnostics::report);
    return found;
  }
}
