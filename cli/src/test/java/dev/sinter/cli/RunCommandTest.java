package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
  @TempDir private static Path folder;
  private static Path text;
  private static Path jar;
  private static Path x;

  @BeforeAll
  static void compile() throws IOException {
    text = LineText.write(folder);
    jar = folder.resolve("line.jar");
    Sinter.run("compile", text, "-o", jar).ok();
    x = folder.resolve("x.npy");
    Npy.write(x, Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
  }

  @Test
  void writesNumberedFilesAndSaysWhatTheyAre() throws IOException {
    Path out = folder.resolve("out");
    Sinter run = Sinter.run("run", jar, "--input", "x=" + x, "--output-dir", out, "--json").ok();
    assertThat(Files.readString(out.resolve("outputs.json")).strip()).isEqualTo(run.out().strip());
    JsonObject answer = run.json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.run/1");
    assertThat(answer.get("entry").getAsString()).isEqualTo("forward");
    JsonObject output = answer.getAsJsonArray("outputs").get(0).getAsJsonObject();
    assertThat(output.get("name").getAsString()).isEqualTo("y");
    assertThat(output.get("dtype").getAsString()).isEqualTo("f32");
    assertThat(output.get("shape").toString()).isEqualTo("[3,1]");
    Path file = Path.of(output.get("file").getAsString());
    assertThat(file).isAbsolute().isEqualTo(out.resolve("0.npy"));
    assertThat(Npy.read(file).type()).isEqualTo("f32[3, 1]");
  }

  @Test
  void giveTheSameFromTheJarAndFromTheText() {
    assertThat(outputs("run", text, "--input", "x=" + x))
        .isEqualTo(outputs("run", jar, "--input", "x=" + x));
  }

  @Test
  void givesTheSameOnAnyNumberOfThreads() {
    String one = outputs("run", jar, "--input", "x=" + x, "--threads", 1);
    assertThat(outputs("run", jar, "--input", "x=" + x, "--threads", 3)).isEqualTo(one);
  }

  @Test
  void callsTheEntryThatIsAskedFor() {
    double once = first("run", jar, "--input", "x=" + x);
    double twice = first("run", jar, "--input", "x=" + x, "--entry", "twice");
    assertThat(twice).isEqualTo(2 * once);
    Sinter none = Sinter.run("run", jar, "--input", "x=" + x, "--entry", "thrice");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err()).contains("no function thrice; it has: forward, twice");
  }

  @Test
  void neverUsesANameOutOfAModelAsAPath() throws IOException {
    String twoResults =
        """
        model Odd {
          fn (x: f32[N, 2]) -> (outputs: f32[N, 2], more: f32[N, 2]) = (x + 1, x * 2)
        }
        """;
    Path odd = Files.writeString(folder.resolve("odd.sinter"), twoResults);
    Path out = folder.resolve("odd");
    Sinter.run("run", odd, "--input", "x=" + x, "--output-dir", out).ok();
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(f -> f.getFileName().toString()).sorted().toList())
          .isEqualTo(List.of("0.npy", "1.npy", "outputs.json"));
    }
  }

  @Test
  void saysWhatIsWrongWithAnInput() throws IOException {
    Path wide = folder.resolve("wide.npy");
    Npy.write(wide, Tensor.of(new float[6], 2, 3));
    Path cut = Files.writeString(folder.resolve("cut.npy"), "no array");
    assertFault("needs input x", "run", jar);
    assertFault("f32[N, 2]", "run", jar, "--input", "x=" + wide);
    assertFault("cut.npy", "run", jar, "--input", "x=" + cut);
    assertFault("none.npy", "run", jar, "--input", "x=" + folder.resolve("none.npy"));
    assertFault("z", "run", jar, "--input", "x=" + x, "--input", "z=" + x);
    assertFault("twice", "run", jar, "--input", "x=" + x, "--input", "x=" + x);
    assertFault("--threads", "run", jar, "--input", "x=" + x, "--threads", 0);
  }

  private static void assertFault(String part, Object... arguments) {
    Sinter run = Sinter.run(arguments).withoutStackTrace();
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(part);
  }

  private static String outputs(Object... arguments) {
    return json(arguments).get("outputs").toString();
  }

  private static double first(Object... arguments) {
    JsonObject output = json(arguments).getAsJsonArray("outputs").get(0).getAsJsonObject();
    return output.getAsJsonArray("first").get(0).getAsDouble();
  }

  private static JsonObject json(Object... arguments) {
    Object[] all = Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray();
    return JsonParser.parseString(Sinter.run(all).ok().out()).getAsJsonObject();
  }
}
