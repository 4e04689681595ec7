package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {
  private static final String TEXT =
      """
      model Net {
        param a: f32[32, 24] = normal(0, 1)
        fn forward(x: f32[N, 24]) -> f32[N, 32] {
          return softmax(einsum{n i, o i -> n o}(x, a))
        }
        fn turns(x: f32[8, 16, 32]) -> f32[16, 32] {
          start: f32[16, 32] = zeros()
          last, all = scan (seen in x) with (h = start) {
            h1 = tanh(seen + h)
            next h = h1
            emit h1
          }
          return last
        }
      }
      """;

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void write() throws IOException {
    text = Files.writeString(folder.resolve("net.sinter"), TEXT);
  }

  @Test
  void measuringSaysOfEachStepWhatItReaches() {
    Sinter run =
        Sinter.run(
            "explain",
            text,
            "--measure",
            "--seconds",
            "0.5",
            "--threads",
            "2",
            "--input-shape",
            "x=64,24",
            "--json");
    JsonObject measured = run.ok().json().getAsJsonObject("measured");
    assertThat(measured.get("threads").getAsInt()).isEqualTo(2);
    assertThat(measured.get("gflops").getAsDouble()).isPositive();
    assertThat(measured.get("gbs").getAsDouble()).isPositive();
    assertThat(measured.getAsJsonArray("assumed")).isEmpty();
    for (JsonElement each : measured.getAsJsonArray("entries")) {
      JsonObject entry = each.getAsJsonObject();
      assertThat(entry.get("ms").getAsDouble()).isPositive();
      assertThat(entry.getAsJsonArray("steps")).isNotEmpty();
      for (JsonElement step : entry.getAsJsonArray("steps")) {
        assertThat(step.getAsJsonObject().get("runs").getAsLong()).isPositive();
        assertThat(step.getAsJsonObject().get("share").getAsDouble()).isBetween(0.0, 1.0);
        assertThat(step.getAsJsonObject().get("roofline").getAsDouble()).isNotNegative();
        assertThat(step.getAsJsonObject().get("why").getAsString()).isNotNull();
      }
    }
  }

  @Test
  void peopleReadATableAndWhichSizesWereAssumed() {
    Sinter run =
        Sinter.run("explain", text, "--measure", "--seconds", "0.5", "--threads", "1").ok();
    assertThat(run.out()).contains("measured on 1 thread: at most ", "why not more");
    assertThat(run.err()).contains("N taken for 32");
    assertThat(Sinter.run("explain", text).ok().out()).doesNotContain("measured");
  }

  @Test
  void faultsOfTheCommandLineAreTold() {
    for (List<String> wrong :
        List.of(
            List.of("--seconds", "0"),
            List.of("--seconds", "1e9"),
            List.of("--input-shape", "z=16,24"),
            List.of("--threads", "0"))) {
      Sinter run =
          Sinter.run("explain", text, "--measure", wrong.get(0), wrong.get(1)).withoutStackTrace();
      assertThat(run.exitCode()).as(wrong.toString()).isEqualTo(1);
      boolean misfit = wrong.getFirst().equals("--input-shape");
      assertThat(run.err()).contains(misfit ? "error[SIN1003]" : wrong.getFirst());
    }
  }
}
