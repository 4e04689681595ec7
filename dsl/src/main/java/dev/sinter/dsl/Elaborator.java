package dev.sinter.dsl;

import dev.sinter.dsl.elaborate.Entries;
import dev.sinter.dsl.elaborate.UnusedNames;
import dev.sinter.dsl.load.ImportResolver;
import dev.sinter.dsl.load.SourceLoader;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.dsl.parse.SourceParser;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// From a text in the language to the graphs of what it defines.
///
/// @param warned is told each warning, once there are no errors
public record Elaborator(Consumer<Diagnostic> warned) {

  /// What a text defines that can be compiled: the names of its models and of its trainings, in
  /// their order.
  public record Contents(List<String> models, List<String> trainings) {}

  /// Reads a file and all that it imports.
  ///
  /// @throws DiagnosticException if it has faults
  public SourceSet read(SourceText text, SourceLoader loader) {
    return collect(diagnostics -> ImportResolver.resolve(text, loader, diagnostics));
  }

  /// What the main file defines.
  public static Contents contents(SourceSet sources) {
    return Entries.contents(sources);
  }

  /// The words and names that mean something in every text.
  public static Set<String> words() {
    Set<String> words = new HashSet<>(SourceParser.words());
    words.addAll(Entries.builtins());
    return words;
  }

  /// Elaborates the model or training `name` of the main file.
  ///
  /// @param settings values for its parameters, each as a literal of the language
  /// @throws DiagnosticException if it has faults, or there is no such definition
  public ModelGraph elaborate(SourceSet sources, String name, Map<String, String> settings) {
    return collect(diagnostics -> {
      Optional<ModelGraph> graph = Entries.elaborate(sources, name, settings, diagnostics);
      if (!diagnostics.hasErrors()) {
        UnusedNames.report(sources, diagnostics);
      }
      return graph;
    });
  }

  /// Elaborates the model that the training `name` trains, with the sizes that it has there; its
  /// parameters are named as those of the model on its own.
  ///
  /// @param settings values for the training's parameters, each as a literal of the language
  /// @throws DiagnosticException if it has faults, there is no such training, or it trains several
  ///   models
  public ModelGraph trained(SourceSet sources, String name, Map<String, String> settings) {
    return collect(diagnostics -> Entries.trained(sources, name, settings, diagnostics));
  }

  private <T> T collect(Function<Diagnostics, Optional<T>> stage) {
    Diagnostics diagnostics = new Diagnostics();
    Optional<T> result = stage.apply(diagnostics);
    diagnostics.throwIfErrors();
    diagnostics.list().forEach(warned);
    return result.orElseThrow();
  }
}
