package dev.sinter.compiler;

import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.onnx.export.OnnxExporter;
import dev.sinter.onnx.export.OnnxFileWriter;
import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An entry of a model with its weights, as ONNX.
///
/// @param model the file's content
/// @param saved the parameters that have got values, as [CompiledModel#saved]
public record OnnxExport(OnnxModel model, List<ModelGraph.Parameter> saved) {
  /// Exports an entry.
  ///
  /// @param entry one of the model's
  /// @param options the weights
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for what ONNX has no form for, or when
  ///   the weights' file does not fit
  public static OnnxExport of(ModelGraph model, Graph entry, CompileOptions options)
      throws IOException {
    Set<String> used = new HashSet<>();
    model.entries().forEach(e -> e.inputs().forEach(input -> used.add(input.name())));
    List<ModelGraph.Parameter> saved = FirstValues.saved(model, used);
    Map<String, Tensor> weights = FirstValues.of(model, saved, options);
    return new OnnxExport(OnnxExporter.export(Differentiate.differentiate(entry), weights), saved);
  }

  /// Writes the file.
  ///
  /// @return a file beside it that holds the weights, if they are too many for one
  public Optional<Path> write(Path file) throws IOException {
    return OnnxFileWriter.write(model, file);
  }
}
