package dev.sinter.cli;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.OnnxExport;
import dev.sinter.ir.Graph;
import dev.sinter.ir.ModelGraph;
import dev.sinter.onnx.model.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sinter export`: a model with its weights to ONNX.
@Command(name = "export", description = "Writes a model with its weights as ONNX.")
final class ExportCommand implements Callable<Integer> {
  @Mixin private Answer answer = new Answer();
  @Mixin private ModelChoice model = new ModelChoice();
  @Mixin private Settings settings = new Settings();
  @Mixin private WeightOptions weights = new WeightOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "ONNX",
      description = "The file to write; by default the model's name in this folder.")
  private @Nullable Path output;

  @Option(names = "--entry", description = "The function to export; by default the model's own.")
  private @Nullable String entry;

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param model the model's name
  /// @param entry the function that was exported
  /// @param onnx the file
  /// @param data the file beside it with the weights, if they are too many for one
  /// @param opset the version of ONNX's operators
  /// @param nodes how many operators it has, those in loops and choices aside
  /// @param inputs the names of what it takes, states last
  /// @param outputs the names of what it gives
  /// @param bytes the size of the file
  private record Exported(
      String schema,
      String model,
      String entry,
      Path onnx,
      @Nullable Path data,
      long opset,
      int nodes,
      List<String> inputs,
      List<String> outputs,
      long bytes) {}

  @Override
  public Integer call() throws IOException {
    ModelGraph graph = model.graph(model.read(answer), settings.values());
    Graph chosen = chosen(graph);
    OnnxExport export = OnnxExport.of(graph, chosen, weights.in(CompileOptions.DEFAULT));
    Path target =
        (output == null ? Path.of(graph.name().toLowerCase(Locale.ROOT) + ".onnx") : output)
            .toAbsolutePath()
            .normalize();
    if (Files.exists(target) && Files.isSameFile(target, model.file())) {
      throw new UserFault(target + " is the model that is read: write it elsewhere");
    }
    Optional<Path> data = export.write(target);
    weights.noteDrawn(export.saved(), answer);
    OnnxModel written = export.model();
    Exported result =
        new Exported(
            "sinter.export/1",
            graph.name(),
            chosen.name(),
            target,
            data.orElse(null),
            written.opsets().getFirst().version(),
            written.graph().nodes().size(),
            written.graph().inputs().stream().map(i -> i.name()).toList(),
            written.graph().outputs().stream().map(o -> o.name()).toList(),
            Files.size(target));
    return answer.give(
        result,
        "%s: %s of %s in %s, %d operators of set %d%s%n"
            .formatted(
                target,
                result.entry(),
                result.model(),
                Quantity.bytes(result.bytes()),
                result.nodes(),
                result.opset(),
                data.map(beside -> ", weights in " + beside.getFileName()).orElse("")));
  }

  private Graph chosen(ModelGraph graph) {
    if (entry == null) {
      return graph.entries().getFirst();
    }
    return graph
        .entry(entry)
        .orElseThrow(() ->
            new UserFault(
                "%s has no function %s; it has: %s"
                    .formatted(
                        graph.name(),
                        entry,
                        String.join(", ", graph.entries().stream().map(Graph::name).toList()))));
  }
}
