package dev.sinter.cli;

import dev.sinter.compiler.Compiler;
import dev.sinter.ir.ModelGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A file that says what a model is, ready to be compiled.
sealed interface ModelSource permits ModelText, OnnxFile {
  /// What the names of ONNX files end in.
  String ONNX = ".onnx";

  /// Reads a file: by the end of its name an ONNX model, else a text.
  ///
  /// @param answer hears its warnings
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for faults in it
  static ModelSource read(Path file, Answer answer) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    return file.toString().endsWith(ONNX) ? new OnnxFile(file) : ModelText.read(file, answer);
  }

  /// Whether `file` is one by the end of its name.
  static boolean is(Path file) {
    return file.toString().endsWith(ONNX) || file.toString().endsWith(".sinter");
  }

  /// The model that is called `name`, or the only one.
  ///
  /// @param settings the values of a text's parameters, or of sizes that an ONNX model leaves open
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for what Sinter cannot compile
  ModelGraph model(@Nullable String name, Map<String, String> settings) throws IOException;

  /// The training that is called `name`, or the only one.
  ModelGraph training(@Nullable String name, Map<String, String> settings);

  /// Shows what was read to a compiler, as its first stages.
  void show(Compiler compiler) throws IOException;
}
