package dev.sinter.cli;

import dev.sinter.compiler.InputShapes;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// The sizes of inputs that a model leaves open.
final class InputShapeOption {
  @Option(
      names = "--input-shape",
      paramLabel = "NAME=SIZES",
      description = "Sizes of an input that the model leaves open, as in x=1,3,224,224.")
  private Map<String, String> shapes = new LinkedHashMap<>();

  /// The sizes.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException for what are none
  InputShapes shapes() {
    return InputShapes.parse(shapes);
  }
}
