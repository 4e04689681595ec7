package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.GivenWeights;
import dev.sinter.runtime.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// A model as the user names it: a JAR, or what is compiled in memory first.
final class ModelFile {
  private ModelFile() {}

  /// Loads a model.
  ///
  /// @param name which of a text's models
  /// @param options the settings and weights of a text; a JAR has its own
  /// @param answer hears the text's warnings
  static Model load(Path file, @Nullable String name, CompileOptions options, Answer answer)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    if (ModelSource.is(file)) {
      CompiledModel compiled =
          new Compiler(options)
              .compile(ModelSource.read(file, answer).model(name, options.settings()));
      return compiled.load(compiled.weights(options));
    }
    if (!options.equals(CompileOptions.DEFAULT) || name != null) {
      throw new UserFault(
          "--model, --set, --weights and --schedules are for a text; a JAR has its own");
    }
    try {
      return Model.load(file);
    } catch (ZipException e) {
      throw new UserFault(file + " is no JAR: " + e.getMessage());
    }
  }

  static CompileOptions options(Settings settings, Optional<GivenWeights> weights) {
    CompileOptions options =
        CompileOptions.DEFAULT
            .withSettings(settings.values())
            .withMostTurns(settings.mostTurns())
            .withMath(settings.math())
            .withStorage(settings.storage());
    return weights.map(options::withWeights).orElse(options);
  }
}
