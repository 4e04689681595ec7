package dev.sinter.cli;

import dev.sinter.dsl.write.ModelWriter;
import dev.sinter.dsl.write.Written;
import dev.sinter.ir.ModelGraph;
import dev.sinter.passes.Passes;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sinter import`: an ONNX model as a text, and its weights beside.
@Command(name = "import", description = "Writes an ONNX model as text, with its weights beside.")
final class ImportCommand implements Callable<Integer> {
  private static final String TEXT = ".sinter";

  @Mixin private Answer answer = new Answer();
  @Mixin private Settings settings = new Settings();

  @Parameters(paramLabel = "FILE", description = "An ONNX model (.onnx).")
  private Path file = Path.of("");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "TEXT",
      description = "The text to write (.sinter); by default the model's name in this folder.")
  private @Nullable Path output;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "Where to write the weights (.safetensors); by default beside the text.")
  private @Nullable Path weights;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param model the model's name in the text
  /// @param text the text
  /// @param lines how long it is
  /// @param weights the weights' file, if the model has weights
  /// @param parameters how many there are
  private record Imported(
      String schema, String model, Path text, long lines, @Nullable Path weights, int parameters) {}

  @Override
  public Integer call() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    if (!file.toString().endsWith(ModelSource.ONNX)) {
      throw new UserFault(file + " is no ONNX model by its name, which would end in .onnx");
    }
    ModelGraph graph = new OnnxFile(file).model(null, settings.values());
    Path text = output == null ? Path.of(graph.name() + TEXT) : output;
    if (!text.toString().endsWith(TEXT)) {
      throw new UserFault(text + " would be no text of Sinter's: let its name end in " + TEXT);
    }
    Path values = weights == null ? beside(text) : weights;
    Written written = ModelWriter.write(Passes.tidied(graph), heading(text, values, graph));
    if (!written.weights().isEmpty()) {
      Safetensors.write(values, written.weights(), Map.of());
    }
    WholeFile.write(text, written.text());
    Imported result =
        new Imported(
            "sinter.import/1",
            written.model(),
            text.toAbsolutePath().normalize(),
            written.text().lines().count(),
            written.weights().isEmpty() ? null : values.toAbsolutePath().normalize(),
            written.weights().size());
    String stored =
        written.weights().isEmpty()
            ? ""
            : "; %d weights in %s".formatted(result.parameters(), values);
    return answer.give(
        result, "%s: %s in %d lines%s%n".formatted(text, result.model(), result.lines(), stored));
  }

  private static Path beside(Path text) {
    String name = String.valueOf(text.getFileName());
    return text.resolveSibling(name.substring(0, name.length() - TEXT.length()) + ".safetensors");
  }

  /// What stands above the text: where it is from, and how it is compiled.
  private List<String> heading(Path text, Path values, ModelGraph graph) {
    List<String> lines = new ArrayList<>();
    lines.add("Imported from " + file.getFileName() + ".");
    if (!graph.parameters().isEmpty()) {
      lines.add("");
      lines.add(
          "    sinter compile %s --weights %s".formatted(text.getFileName(), values.getFileName()));
    }
    return lines;
  }
}
