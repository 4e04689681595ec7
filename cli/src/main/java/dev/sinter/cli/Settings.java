package dev.sinter.cli;

import java.util.Map;
import picocli.CommandLine.Option;

/// Values of a model's or training's parameters, or of sizes that an ONNX model leaves open.
final class Settings {
  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = {
        "Give a parameter of the model or training another value, as a literal;",
        "of an ONNX model, a number to a size that the file leaves open."
      })
  private Map<String, String> values = Map.of();

  Map<String, String> values() {
    return values;
  }
}
