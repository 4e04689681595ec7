package dev.sinter.cli;

import dev.sinter.ir.diagnostic.DiagnosticRenderer;
import dev.sinter.runtime.WeightNames;
import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `sinter weights`: what a file of weights holds.
@Command(
    name = "weights",
    description = "Lists the tensors of a file of weights, by the names that --rename gives them.")
final class WeightsCommand implements Callable<Integer> {
  @Mixin private Answer answer = new Answer();
  @Mixin private RenameOptions renames = new RenameOptions();

  @Parameters(
      paramLabel = "FILE",
      description =
          "Safetensors (a file, an index of shards, or their folder), .npz, or a PyTorch"
              + " checkpoint.")
  private Path file = Path.of("");

  /// The answer.
  ///
  /// @param schema says what this document is
  /// @param format what kind of file it is, in words
  /// @param tensors in the file's order
  /// @param others what it holds beside tensors: names, and what stands there in words
  /// @param metadata what the file says about itself
  private record Listing(
      String schema,
      String format,
      List<Row> tensors,
      Map<String, String> others,
      Map<String, String> metadata) {}

  /// A tensor by its name after all rules.
  private record Row(String name, String dtype, List<Long> shape, long bytes) {}

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(file)) {
      throw new UserFault("no such file: " + file);
    }
    try (Weights weights = Weights.open(file)) {
      List<Row> rows = new ArrayList<>();
      Map<String, StoredTensor> named = WeightNames.SAME.of(weights, renames.rules());
      named.forEach((name, tensor) ->
          rows.add(
              new Row(
                  name,
                  tensor.dtype().text(),
                  LongStream.of(tensor.shape()).boxed().toList(),
                  tensor.bytes())));
      Listing listing =
          new Listing(
              "sinter.weights/1",
              weights.format(),
              rows,
              new LinkedHashMap<>(weights.others()),
              new LinkedHashMap<>(weights.metadata()));
      return answer.give(listing, text(listing, named));
    }
  }

  private static String text(Listing listing, Map<String, StoredTensor> named) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, StoredTensor> tensor : named.entrySet()) {
      text.append(DiagnosticRenderer.visible(tensor.getKey())).append(": ");
      text.append(tensor.getValue().type()).append('\n');
    }
    long bytes = listing.tensors().stream().mapToLong(Row::bytes).sum();
    text.append(
        "%s: %d tensors, %s%n"
            .formatted(listing.format(), listing.tensors().size(), Quantity.bytes(bytes)));
    if (!listing.others().isEmpty()) {
      text.append("beside them, not read: ");
      List<String> shown =
          listing.others().entrySet().stream()
              .limit(8)
              .map(e -> DiagnosticRenderer.visible(e.getKey()) + " (" + e.getValue() + ")")
              .toList();
      text.append(String.join(", ", shown));
      text.append(listing.others().size() > shown.size() ? ", ..." : "").append('\n');
    }
    return text.toString();
  }
}
