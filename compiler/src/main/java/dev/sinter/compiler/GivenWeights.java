package dev.sinter.compiler;

import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.WeightFile;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The weights that a caller gives for a whole model.
final class GivenWeights {
  private GivenWeights() {}

  /// The values in `file` for `parameters`, as far as it has them.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for missing, unexpected and misshapen
  ///   tensors
  /// @throws IOException when the file cannot be read or is no safetensors file
  static Map<String, Tensor> read(
      Path file, List<ModelGraph.Parameter> parameters, WeightNames names) throws IOException {
    Diagnostics diagnostics = new Diagnostics();
    Span place = new Span(new SourceText(file.toString(), ""), 0, 0);
    try (Safetensors tensors = Safetensors.open(file)) {
      Map<String, Tensor> found =
          new WeightFile("the file", place).match(tensors, parameters, names, diagnostics);
      diagnostics.throwIfErrors();
      Map<String, Tensor> copies = new LinkedHashMap<>();
      found.forEach((name, tensor) -> copies.put(name, tensor.copy()));
      return copies;
    }
  }
}
