package dev.sinter.cli;

import dev.sinter.compiler.Compiler;
import dev.sinter.dsl.CanonicalForm;
import dev.sinter.dsl.Elaborator;
import dev.sinter.dsl.load.FolderLoader;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.Diagnostics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A text in the language, read with what it imports.
///
/// @param file where it lies
/// @param sources its files
/// @param elaborator reads it, and says what is noteworthy
record ModelText(Path file, SourceSet sources, Elaborator elaborator) implements ModelSource {
  /// Reads a text.
  ///
  /// @param answer hears its warnings
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for faults in it
  static ModelText read(Path file, Answer answer) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    try {
      Elaborator elaborator = new Elaborator(answer::warn);
      SourceSet sources = elaborator.read(FolderLoader.read(file), new FolderLoader(folder(file)));
      return new ModelText(file, sources, elaborator);
    } catch (CharacterCodingException e) {
      throw new UserFault(file + " is no UTF-8 text");
    }
  }

  @Override
  public ModelGraph model(@Nullable String name, Map<String, String> settings) {
    String chosen = chosen("model", "--model", name, Elaborator.contents(sources).models());
    return elaborator.elaborate(sources, chosen, settings);
  }

  @Override
  public ModelGraph training(@Nullable String name, Map<String, String> settings) {
    return elaborator.elaborate(sources, trainingName(name), settings);
  }

  /// The model that a training trains, with the sizes that it has there.
  ModelGraph trained(@Nullable String training, Map<String, String> settings) {
    return elaborator.trained(sources, trainingName(training), settings);
  }

  private String trainingName(@Nullable String name) {
    return chosen("train", "--train", name, Elaborator.contents(sources).trainings());
  }

  @Override
  public void show(Compiler compiler) throws IOException {
    compiler.read(Files.readString(file), this::formatted);
  }

  private String formatted() {
    try {
      return CanonicalForm.of(file, new Diagnostics()).orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The folder that relative names in the text are relative to.
  Path folder() {
    return folder(file);
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? Path.of("").toAbsolutePath() : parent;
  }

  private String chosen(String kind, String option, @Nullable String name, List<String> all) {
    if (name == null) {
      return switch (all.size()) {
        case 0 -> throw new UserFault(file + " defines no `" + kind + "`");
        case 1 -> all.getFirst();
        default ->
            throw new UserFault(
                "%s defines several: %s. Say which with %s."
                    .formatted(file, String.join(", ", all), option));
      };
    }
    if (!all.contains(name)) {
      throw new UserFault(
          "%s defines no `%s %s`, only %s".formatted(file, kind, name, String.join(", ", all)));
    }
    return name;
  }
}
