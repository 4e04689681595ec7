package dev.sinter.benchmarks.peers;

import dev.sinter.compiler.InputShapes;
import dev.sinter.onnx.export.OnnxFileWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The ONNX file of a row, written or fetched.
///
/// @param shapes of the inputs whose sizes the file leaves open
record RowFile(Path file, InputShapes shapes) {
  /// Why there is no file of a row whose file is fetched.
  static final String NOT_FETCHED = "the model cannot be fetched";

  private static final String MINILM = "minilm";

  /// @param home the checkout, in which it is kept
  /// @throws IllegalArgumentException if it cannot be fetched
  static RowFile of(Row row, Path home) throws IOException {
    Path folder = Files.createDirectories(home.resolve("benchmarks/target/networks"));
    if (row.network().equals(MINILM)) {
      Map<String, List<Long>> sizes = new LinkedHashMap<>();
      List<Long> shape = row.numbers().stream().map(Integer::longValue).toList();
      for (String name : List.of("input_ids", "attention_mask", "token_type_ids")) {
        sizes.put(name, shape);
      }
      return new RowFile(fetched(folder, home), new InputShapes(sizes));
    }
    Path file = folder.resolve(row.id() + ".onnx");
    OnnxFileWriter.write(Networks.of(row.network(), numbers(row)), file);
    return new RowFile(file, InputShapes.NONE);
  }

  /// The step of training of a row that has no file.
  static TrainingStep step(Row row) {
    return TrainingStep.of(row.network(), numbers(row));
  }

  private static int[] numbers(Row row) {
    return row.numbers().stream().mapToInt(n -> n).toArray();
  }

  private static Path fetched(Path folder, Path home) throws IOException {
    Path data = folder.resolve(MINILM);
    try {
      int code =
          new ProcessBuilder(
                  home.resolve("samples/fetch.sh").toString(), "sentences", data.toString())
              .redirectOutput(ProcessBuilder.Redirect.to(folder.resolve("fetched").toFile()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalArgumentException(NOT_FETCHED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return data.resolve("minilm.onnx");
  }
}
