package dev.sinter.cli;

import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// What a call of a model gave.
///
/// @param schema says what this document is
/// @param model the model's name
/// @param entry the entry that ran
/// @param threads on how many threads
/// @param seconds how long the call took
/// @param outputs the results in the model's order
record Outputs(
    String schema, String model, String entry, int threads, double seconds, List<Output> outputs) {
  static final String SCHEMA = "sinter.run/1";

  /// The elements of a result that are shown where no file holds all of them.
  private static final int SHOWN = 8;

  /// A result.
  ///
  /// @param name as the model calls it
  /// @param dtype such as `f32`
  /// @param shape the sizes; empty for a scalar
  /// @param file the npy file that holds it, if one was asked for
  /// @param first its first few elements
  record Output(
      String name, String dtype, List<Long> shape, @Nullable Path file, List<Double> first) {}

  static Outputs of(
      String model, String entry, int threads, double seconds, Map<String, Tensor> results) {
    List<Output> outputs = new ArrayList<>();
    results.forEach((name, tensor) -> {
      List<Double> first =
          LongStream.range(0, Math.min(SHOWN, tensor.size())).mapToObj(tensor::getDouble).toList();
      List<Long> shape = LongStream.of(tensor.shape()).boxed().toList();
      outputs.add(new Output(name, tensor.dtype().toString(), shape, null, first));
    });
    return new Outputs(SCHEMA, model, entry, threads, seconds, outputs);
  }

  /// Writes `0.npy`, `1.npy` ... and last `outputs.json`, which says what they are. The files are
  /// numbered because a name out of a model must not become a path.
  Outputs write(Path folder, Map<String, Tensor> results) throws IOException {
    Files.createDirectories(folder);
    List<Output> written = new ArrayList<>();
    for (Output output : outputs) {
      Path file = folder.resolve(written.size() + ".npy").toAbsolutePath().normalize();
      Tensor result = results.get(output.name());
      if (result != null) {
        Npy.write(file, result);
      }
      written.add(new Output(output.name(), output.dtype(), output.shape(), file, output.first()));
    }
    Outputs all = new Outputs(schema, model, entry, threads, seconds, written);
    WholeFile.write(folder.resolve("outputs.json"), Json.text(all) + "\n");
    return all;
  }

  /// The results for people, a line each.
  String text() {
    StringBuilder out = new StringBuilder();
    for (Output output : outputs) {
      long size = output.shape().stream().reduce(1L, (a, b) -> a * b);
      out.append(output.name()).append(' ').append(output.dtype());
      out.append(output.shape()).append(" = ");
      for (double value : output.first()) {
        out.append(String.format(Locale.ROOT, "%.6g ", value));
      }
      out.append(size > output.first().size() ? "..." : "").append('\n');
      if (output.file() != null) {
        out.append("  in ").append(output.file()).append('\n');
      }
    }
    return out.toString();
  }
}
