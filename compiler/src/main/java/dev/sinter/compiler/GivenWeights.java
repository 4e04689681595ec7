package dev.sinter.compiler;

import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.WeightFile;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Rename;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The weights that a caller gives for a whole model.
///
/// @param file of any kind that [Weights] reads
/// @param rules what the model calls the file's tensors, before its own rules
public record GivenWeights(Path file, List<Rename> rules) {
  public GivenWeights {
    rules = List.copyOf(rules);
  }

  /// The values for `parameters`, as far as the file has them.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for missing, unexpected and misshapen
  ///   tensors
  /// @throws IOException when the file cannot be read or is of no kind that is read
  Map<String, Tensor> read(List<ModelGraph.Parameter> parameters, WeightNames names)
      throws IOException {
    Diagnostics diagnostics = new Diagnostics();
    try (Weights weights = Weights.open(file)) {
      Map<String, StoredTensor> found =
          new WeightFile(String.valueOf(file.getFileName()), Span.NONE, rules)
              .match(weights, parameters, names, diagnostics);
      diagnostics.throwIfErrors();
      Map<String, Tensor> copies = new LinkedHashMap<>();
      for (Map.Entry<String, StoredTensor> tensor : found.entrySet()) {
        copies.put(tensor.getKey(), tensor.getValue().read().copy());
      }
      return copies;
    }
  }
}
