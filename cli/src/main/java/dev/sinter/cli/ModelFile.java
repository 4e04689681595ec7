package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.runtime.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// A model that can be called: a JAR, or what is compiled in memory first.
final class ModelFile {
  @Parameters(
      paramLabel = "MODEL",
      description = "A compiled model (.jar), a model's text (.sinter), or an ONNX model (.onnx).")
  private Path file = Path.of("");

  @Mixin private ModelName name = new ModelName();

  Path file() {
    return file;
  }

  /// Loads the model.
  ///
  /// @param options how a text is compiled, and with which weights; a JAR has its own
  /// @param answer hears the text's warnings
  Model load(CompileOptions options, Answer answer) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    if (ModelSource.is(file)) {
      CompiledModel compiled =
          new Compiler(options)
              .compile(ModelSource.read(file, answer).model(name.get(), options.settings()));
      return compiled.load(compiled.weights(options));
    }
    if (!options.equals(CompileOptions.DEFAULT) || name.get() != null) {
      throw new UserFault(
          "--model, --weights and what says how to compile are for a text or an ONNX model; a JAR"
              + " has its own");
    }
    try {
      return Model.load(file);
    } catch (ZipException e) {
      throw new UserFault(file + " is no JAR: " + e.getMessage());
    }
  }
}
