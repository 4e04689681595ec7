package dev.sinter.cli;

import dev.sinter.compiler.Compiler;
import dev.sinter.ir.ModelGraph;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.model.OnnxFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An ONNX model: one function, and the weights that came with it.
///
/// @param file where it lies
/// @param graph what it is
record OnnxFile(Path file, ModelGraph graph) implements ModelSource {
  /// Reads a file; the model has the file's name.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for what Sinter cannot compile
  static OnnxFile read(Path file) throws IOException {
    try {
      return new OnnxFile(file, OnnxImporter.read(file, name(file)));
    } catch (OnnxFormatException e) {
      throw new UserFault("%s cannot be read as ONNX: %s".formatted(file, e.getMessage()));
    }
  }

  /// The letters, digits, dashes and underscores of the file's name: it becomes a JAR's name too.
  private static String name(Path file) {
    String whole = String.valueOf(file.getFileName());
    String stem = whole.substring(0, whole.length() - ONNX.length());
    String plain = stem.replaceAll("[^A-Za-z0-9_-]+", "_");
    return plain.isEmpty() ? "model" : plain;
  }

  @Override
  public ModelGraph model(@Nullable String name, Map<String, String> settings) {
    if (name != null || !settings.isEmpty()) {
      throw new UserFault(
          "--model and --set are for a text; %s is one model without parameters to set"
              .formatted(file));
    }
    return graph;
  }

  @Override
  public ModelGraph training(@Nullable String name, Map<String, String> settings) {
    throw new UserFault(file + " is an ONNX model, which says nothing about training");
  }

  /// Nothing: it is no text.
  @Override
  public void show(Compiler compiler) {}
}
