package dev.sinter.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which of a text's models.
final class ModelName {
  @Option(names = "--model", paramLabel = "NAME", description = "Which of a text's models.")
  private @Nullable String name;

  /// The name, or null for the only one.
  @Nullable String get() {
    return name;
  }
}
