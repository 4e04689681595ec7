package dev.sinter.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.OnnxRuntimePeer;
import dev.sinter.testkit.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/// A model that others trained, as a file and as the JAR that is compiled from it.
///
/// @param name what it is called
/// @param onnx the file
/// @param jar the JAR
record TrainedModel(String name, Path onnx, Path jar) {
  /// The largest and the mean error that an output may have, relative to its range.
  record Bound(double largest, double mean) {
    /// What different orders of summation may make of `f32`.
    static final Bound FLOAT = new Bound(1e-4, 1e-5);

    /// What one rounding more or less to `f16` may make.
    static final Bound HALF = new Bound(0x1p-11, 1e-5);
  }

  /// Asks the JAR and ONNX Runtime the same questions, each of them twice of the JAR, and fails
  /// where they disagree. The sizes may differ from one to the next: memory is taken once for each.
  /// The errors go to a table in `target`.
  void agrees(List<Map<String, Tensor>> questions, Bound bound) throws IOException {
    agrees(questions, bound, (mine, theirs) -> {});
  }

  /// The same, and hands out the answers of both.
  void agrees(
      List<Map<String, Tensor>> questions,
      Bound bound,
      BiConsumer<Map<String, Tensor>, Map<String, Tensor>> more)
      throws IOException {
    double largest = 0;
    double mean = 0;
    try (OnnxRuntimePeer peer = OnnxRuntimePeer.open(onnx);
        Model model = Model.load(jar);
        Session session = model.session(2)) {
      for (Map<String, Tensor> question : questions) {
        Map<String, Tensor> theirs = peer.run(question);
        Map<String, Tensor> mine = session.run("forward", question);
        long bytes = session.arenaBytes();
        session.run("forward", question, mine);
        assertThat(session.arenaBytes()).isEqualTo(bytes);
        assertThat(mine.keySet()).containsExactlyElementsOf(peer.outputs());
        for (String output : peer.outputs()) {
          Distance error = Distance.of(output(mine, output), output(theirs, output));
          largest = Math.max(largest, error.largest);
          mean = Math.max(mean, error.mean);
        }
        more.accept(mine, theirs);
      }
    }
    record(largest, mean);
    assertThat(largest).as("largest error of " + name).isLessThanOrEqualTo(bound.largest);
    assertThat(mean).as("mean error of " + name).isLessThanOrEqualTo(bound.mean);
  }

  static Tensor output(Map<String, Tensor> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  private void record(double largest, double mean) throws IOException {
    Path table = Repository.current().file("samples/target/real-models.tsv");
    Files.createDirectories(table.getParent());
    String row =
        "%s\t%.2g\t%.2g\t%.1f MB\t%.1f MB%n"
            .formatted(name, largest, mean, Files.size(onnx) / 1e6, Files.size(jar) / 1e6);
    Files.writeString(table, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /// How far an output is from another, relative to the range of that one; of a single number, to
  /// the number.
  private record Distance(double largest, double mean) {
    static Distance of(Tensor mine, Tensor theirs) {
      assertThat(mine.type()).isEqualTo(theirs.type());
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      double largest = 0;
      double sum = 0;
      for (long i = 0; i < theirs.size(); i++) {
        double want = theirs.getDouble(i);
        double error = Math.abs(mine.getDouble(i) - want);
        assertThat(error).isFinite();
        low = Math.min(low, want);
        high = Math.max(high, want);
        largest = Math.max(largest, error);
        sum += error;
      }
      double range = theirs.size() == 1 ? Math.abs(high) : high - low;
      assertThat(range).as("range").isPositive();
      return new Distance(largest / range, sum / theirs.size() / range);
    }
  }
}
