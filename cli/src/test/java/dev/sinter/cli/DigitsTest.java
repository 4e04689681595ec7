package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Repository;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The demo, cut short: how well the whole of it does, continuous integration looks at.
class DigitsTest {
  private static final int TEST = 360;

  @TempDir private Path folder;

  @Test
  void leavesAJarThatAnswersOthersAsItAnsweredInItsOwnJvm() throws IOException {
    Sinter run = Sinter.run("demo", "--output-dir", folder, "--epochs", 1, "--json").ok();
    JsonObject answer = run.json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.demo/1");
    assertThat(answer.get("testExamples").getAsInt()).isEqualTo(TEST);
    assertThat(answer.get("trainSeconds").getAsDouble()).isPositive();
    assertThat(answer.getAsJsonArray("kernels")).isNotEmpty();
    double accuracy = answer.get("testAccuracy").getAsDouble();
    assertThat(accuracy).isGreaterThan(0.8);
    Path jar = Path.of(answer.get("jar").getAsString());
    assertThat(jar).isAbsolute().startsWith(folder);
    assertThat(accuracy(jar)).isEqualTo(accuracy);
  }

  private static double accuracy(Path jar) throws IOException {
    List<int[]> rows = rows(Repository.current().file("samples/digits/digits.csv.gz"));
    List<int[]> test = rows.subList(rows.size() - TEST, rows.size());
    Tensor image = Tensor.of(new float[TEST * 64], TEST, 64);
    for (int i = 0; i < TEST * 64; i++) {
      image.setDouble(i, test.get(i / 64)[i % 64]);
    }
    try (Model model = Model.load(jar);
        Session session = model.session(2)) {
      Tensor logits =
          Objects.requireNonNull(session.run("forward", Map.of("image", image)).get("logits"));
      assertThat(logits.type()).isEqualTo("f32[360, 10]");
      int right = 0;
      for (int i = 0; i < TEST; i++) {
        int best = 0;
        for (int c = 1; c < 10; c++) {
          best = logits.getDouble(i * 10L + c) > logits.getDouble(i * 10L + best) ? c : best;
        }
        right += best == test.get(i)[64] ? 1 : 0;
      }
      return (double) right / TEST;
    }
  }

  /// The numbers of each line of a packed CSV file.
  static List<int[]> rows(Path file) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line -> Arrays.stream(line.split(",", -1)).mapToInt(Integer::parseInt).toArray())
          .toList();
    }
  }
}
