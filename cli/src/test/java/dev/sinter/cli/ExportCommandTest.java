package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `sinter export`: what is written is what was read.
class ExportCommandTest {
  private static final String TEXT =
      """
      model Net(width: int = 3) {
        body = Linear[4 -> width] |> relu |> Linear[width -> 2]
        state calls: i32[] = 0

        fn (x: f32[N, 4]) -> (y: f32[N, 2]) = body(x)

        fn count(x: f32[N, 4]) -> (before: i32[]) {
          next calls = calls + 1
          return calls
        }
      }
      """;

  @TempDir private Path folder = Path.of("");

  private Path text() throws IOException {
    return Files.writeString(folder.resolve("net.sinter"), TEXT);
  }

  private Path input() throws IOException {
    float[] elements = new float[12];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = i % 5 - 2;
    }
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(elements, 3, 4));
    return file;
  }

  private JsonArray answers(Path model) throws IOException {
    JsonObject run = Sinter.run("run", model, "--input", "x=" + input(), "--json").ok().json();
    return run.getAsJsonArray("outputs").get(0).getAsJsonObject().getAsJsonArray("first");
  }

  @Test
  void writesAModelThatAnswersTheSame() throws IOException {
    Path onnx = folder.resolve("net.onnx");
    Sinter export = Sinter.run("export", text(), "-o", onnx, "--json").ok();
    assertThat(export.err()).contains("untrained");
    JsonObject answer = export.json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.export/1");
    assertThat(Path.of(answer.get("onnx").getAsString())).isEqualTo(onnx).isAbsolute();
    assertThat(answer.get("bytes").getAsLong()).isEqualTo(Files.size(onnx));
    assertThat(answer.get("inputs").toString()).isEqualTo("[\"x\"]");
    assertThat(answer.get("outputs").toString()).isEqualTo("[\"y\"]");
    assertThat(answer.has("data")).isFalse();
    assertThat(answers(onnx)).isEqualTo(answers(text()));
  }

  @Test
  void readsWhatItWrites() throws IOException {
    Path once = folder.resolve("once.onnx");
    Path twice = folder.resolve("twice.onnx");
    Sinter.run("export", text(), "-o", once).ok();
    assertThat(Sinter.run("export", once, "-o", twice).ok().err()).doesNotContain("untrained");
    assertThat(answers(twice)).isEqualTo(answers(text()));
  }

  @Test
  void takesAFunctionWithItsStateAsInputAndOutput() throws IOException {
    Path onnx = folder.resolve("count.onnx");
    JsonObject answer =
        Sinter.run("export", text(), "--entry", "count", "-o", onnx, "--json").ok().json();
    assertThat(answer.get("inputs").toString()).isEqualTo("[\"x\",\"calls\"]");
    assertThat(answer.get("outputs").toString()).isEqualTo("[\"before\",\"calls.next\"]");
  }

  @Test
  void refusesInASentence() throws IOException {
    assertFault("has no function other; it has: forward, count", "--entry", "other");
    assertFault("is the model that is read", "-o", text());
  }

  @Test
  void takesNoOptionWithoutAnEffect() throws IOException {
    for (String option : new String[] {"--weight-storage=bf16", "--math=exact", "--most-turns=9"}) {
      assertThat(Sinter.run("export", text(), option).exitCode()).as(option).isEqualTo(2);
      assertThat(Sinter.run("import", "net.onnx", option).exitCode()).as(option).isEqualTo(2);
    }
  }

  private void assertFault(String part, Object option, Object value) throws IOException {
    Sinter run = Sinter.run("export", text(), option, value).withoutStackTrace();
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(part);
  }
}
