package dev.sinter.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/// Values of a model's or training's parameters.
final class Settings {
  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "Give a parameter of the model or training another value, as a literal.")
  private Map<String, String> values = Map.of();

  Map<String, String> values() {
    return values;
  }
}
