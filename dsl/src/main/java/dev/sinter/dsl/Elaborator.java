package dev.sinter.dsl;

import dev.sinter.dsl.elaborate.Entries;
import dev.sinter.dsl.load.ImportResolver;
import dev.sinter.dsl.load.SourceLoader;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.List;
import java.util.Map;

/// From a text in the language to the graphs of what it defines.
public final class Elaborator {
  private Elaborator() {}

  /// What a text defines that can be compiled: the names of its models and of its trainings, in
  /// their order.
  public record Contents(List<String> models, List<String> trainings) {}

  /// Reads a file and all that it imports.
  ///
  /// @throws DiagnosticException if it has faults
  public static SourceSet read(SourceText text, SourceLoader loader) {
    Diagnostics diagnostics = new Diagnostics();
    SourceSet sources = ImportResolver.resolve(text, loader, diagnostics).orElse(null);
    diagnostics.throwIfErrors();
    return java.util.Objects.requireNonNull(sources);
  }

  /// What the main file defines.
  public static Contents contents(SourceSet sources) {
    return Entries.contents(sources);
  }

  /// Elaborates the model or training `name` of the main file.
  ///
  /// @param settings values for its parameters, each as a literal of the language
  /// @throws DiagnosticException if it has faults, or there is no such definition
  public static ModelGraph elaborate(SourceSet sources, String name, Map<String, String> settings) {
    Diagnostics diagnostics = new Diagnostics();
    ModelGraph graph = Entries.elaborate(sources, name, settings, diagnostics).orElse(null);
    diagnostics.throwIfErrors();
    return java.util.Objects.requireNonNull(graph);
  }

  /// Elaborates the model that the training `name` trains, with the sizes that it has there; its
  /// parameters are named as those of the model on its own.
  ///
  /// @param settings values for the training's parameters, each as a literal of the language
  /// @throws DiagnosticException if it has faults, there is no such training, or it trains several
  ///   models
  public static ModelGraph trained(SourceSet sources, String name, Map<String, String> settings) {
    Diagnostics diagnostics = new Diagnostics();
    ModelGraph graph = Entries.trained(sources, name, settings, diagnostics).orElse(null);
    diagnostics.throwIfErrors();
    return java.util.Objects.requireNonNull(graph);
  }
}
