package dev.sinter.cli;

import java.nio.file.Path;

/// The weights' file of a JAR that does not hold them.
final class WeightsBeside {
  private WeightsBeside() {}

  /// `digits.safetensors` for `digits.jar`.
  static Path of(Path jar) {
    return jar.resolveSibling(
        String.valueOf(jar.getFileName()).replaceFirst("\\.jar$", "") + ".safetensors");
  }
}
