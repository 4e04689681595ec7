package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @TempDir private Path folder;
  private Path text;
  private Path jar;

  @BeforeEach
  void write() throws IOException {
    text = LineText.write(folder);
    jar = folder.resolve("line.jar");
  }

  @Test
  void trainsAndWritesAModelThatKnowsWhatItLearned() throws IOException {
    Sinter run = Sinter.run("train", text, "-o", jar, "--epochs", 60, "--json").ok();
    JsonObject answer = run.json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.train/1");
    assertThat(answer.get("training").getAsString()).isEqualTo("Fit");
    assertThat(answer.get("model").getAsString()).isEqualTo("Line");
    assertThat(answer.get("examples").getAsInt()).isEqualTo(32);
    assertThat(answer.get("testExamples").getAsInt()).isEqualTo(8);
    assertThat(answer.getAsJsonObject("metrics").get("error").getAsDouble()).isLessThan(0.01);
    assertThat(Path.of(answer.get("weights").getAsString())).isAbsolute().exists();
    assertThat(run.err().lines().filter(l -> l.startsWith("epoch ")).count()).isEqualTo(60);
    try (Model model = Model.load(jar);
        Session session = model.session(1)) {
      Tensor x = Tensor.of(new float[] {1, 0, 0, 1}, 2, 2);
      Tensor result = Objects.requireNonNull(session.run("forward", Map.of("x", x)).get("y"));
      assertThat(result.toFloatArray()[0]).isBetween(3.8f, 4.2f);
      assertThat(result.toFloatArray()[1]).isBetween(-1.2f, -0.8f);
    }
  }

  @Test
  void goesOnBitForBitWhereItStopped() throws IOException {
    Path checkpoint = folder.resolve("fit.checkpoint");
    Path whole = folder.resolve("whole.safetensors");
    Path rest = folder.resolve("rest.safetensors");
    Sinter.run("train", text, "-o", jar, "--weights-out", whole).ok();
    Sinter.run("train", text, "-o", jar, "--epochs", 2, "--checkpoint", checkpoint).ok();
    List<Object> again = new ArrayList<>(List.of("train", text, "-o", jar));
    again.addAll(List.of("--checkpoint", checkpoint, "--resume", "--weights-out", rest));
    Sinter resumed = Sinter.run(again.toArray()).ok();
    assertThat(resumed.err()).contains("epoch 3/4").doesNotContain("epoch 2/4");
    assertThat(Files.mismatch(whole, rest)).isEqualTo(-1);
  }

  @Test
  void tellsStepsApartAndLeavesWhatNoStepComesToAsItBegan() throws IOException {
    Files.writeString(
        text,
        LineText.TEXT
            .replace(
                "layer = Linear[width -> 1]",
                """
                layer = Linear[width -> 1]
                state count: i32[] = 7
                fn counted(x: f32[N, width]) -> (n: i32[]) {
                  next count = count + 1
                  return count
                }
                """)
            .replace(
                "step {",
                "step more { minimize mean(abs(line(x))) over line with Sgd(lr = 0.0) } step {"));
    JsonObject losses =
        Sinter.run("train", text, "-o", jar, "--json").ok().json().getAsJsonObject("losses");
    assertThat(losses.keySet()).containsExactly("more.loss", "step.loss");
    try (Model model = Model.load(jar);
        Session session = model.session(1)) {
      Tensor x = Tensor.of(new float[] {1, 0}, 1, 2);
      assertThat(Objects.requireNonNull(session.run("counted", Map.of("x", x)).get("n")).getLong(0))
          .isEqualTo(7);
    }
  }

  @Test
  void takesDataAndTestsFromTheCommandLine() throws IOException {
    Path other = Files.copy(folder.resolve("line.csv"), folder.resolve("other.csv"));
    Files.delete(folder.resolve("line.csv"));
    Sinter missing = Sinter.run("train", text, "-o", jar).withoutStackTrace();
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("line.csv");
    JsonObject answer =
        Sinter.run(
                "train",
                text,
                "-o",
                jar,
                "--json",
                "--data",
                "x=" + other + "#0..2",
                "--data",
                "y=" + other + "#2",
                "--test",
                "x=" + other + "#0..2",
                "--test",
                "y=" + other + "#2")
            .ok()
            .json();
    assertThat(answer.get("examples").getAsInt()).isEqualTo(40);
    assertThat(answer.get("testExamples").getAsInt()).isEqualTo(40);
  }

  @Test
  void saysWhatIsWrongWithTheData() throws IOException {
    Files.writeString(folder.resolve("line.csv"), "1,2,3\n4,five,6\n");
    assertFault("line 2, column 1", "train", text, "-o", jar);
    assertFault("z", "train", text, "-o", jar, "--data", "z=" + folder.resolve("line.csv"));
    assertFault("NAME=FILE", "train", text, "-o", jar, "--data", "nonsense");
    assertFault("--checkpoint", "train", text, "-o", jar, "--resume");
    assertFault("--epochs", "train", text, "-o", jar, "--epochs", 0);
    assertThat(jar).doesNotExist();
  }

  @Test
  void setsParametersOfTheTraining() {
    JsonObject still =
        Sinter.run("train", text, "-o", jar, "--set", "rate=0.0", "--json").ok().json();
    assertThat(still.getAsJsonObject("metrics").get("error").getAsDouble()).isGreaterThan(0.1);
  }

  @Test
  void theTrainedModelIsCompiledAsAsked() throws IOException {
    String wide = "layer = Linear[width -> 2048] |> BatchNorm[2048] |> Linear[2048 -> 1]";
    Files.writeString(text, LineText.TEXT.replace("layer = Linear[width -> 1]", wide));
    byte[] plain = trained();
    assertThat(trained()).isEqualTo(plain);
    byte[] halved = trained("--weight-storage", "bf16");
    assertThat(halved).isNotEqualTo(plain);
    assertThat(trained("--weight-storage", "int8")).isNotEqualTo(plain).isNotEqualTo(halved);
    assertThat(trained("--math", "exact")).isNotEqualTo(plain);
  }

  /// The JAR of a training with these options, without the weights.
  private byte[] trained(String... options) throws IOException {
    List<Object> all = new ArrayList<>(List.of("train", text, "-o", jar, "--weights-beside"));
    all.addAll(List.of("--epochs", 1, "--threads", 1));
    all.addAll(List.of(options));
    Sinter.run(all.toArray()).ok();
    return Files.readAllBytes(jar);
  }

  @Test
  void theTrainingItselfIsCompiledAsAsked() throws IOException {
    String loop =
        """
        fn (x: f32[N, width]) -> (y: f32[N, 1]) {
          start: f32[N] = zeros()
          last, all = scan (column in rearrange{n w -> w n}(x)) with (sum = start) {
            next sum = sum + column
            emit column
          }
          return layer(x) + rearrange{n -> n 1}(last)
        }
        """;
    String plain = "fn (x: f32[N, width]) -> (y: f32[N, 1]) = layer(x)\n";
    assertThat(LineText.TEXT).contains(plain);
    Files.writeString(text, LineText.TEXT.replace(plain, loop));
    Sinter.run("train", text, "-o", jar, "--epochs", 1, "--most-turns", 2).ok();
    assertFault("this loop has 2 turns", "train", text, "-o", jar, "--most-turns", 1);
    assertFault("--most-turns", "train", text, "-o", jar, "--most-turns", 0);
  }

  private static void assertFault(String part, Object... arguments) {
    Sinter run = Sinter.run(arguments).withoutStackTrace();
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(part);
  }
}
