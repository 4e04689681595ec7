package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sinter.codegen.jar.ModelJar;
import dev.sinter.compiler.Compiler;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Safetensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompileCommandTest {
  @TempDir private Path folder;
  private Path text;
  private Path jar;

  @BeforeEach
  void write() throws IOException {
    text = LineText.write(folder);
    jar = folder.resolve("out").resolve("line.jar");
  }

  @Test
  void writesTheJarAndItsSources() {
    JsonObject answer = Sinter.run("compile", text, "-o", jar, "--json").ok().json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.compile/1");
    assertThat(answer.get("model").getAsString()).isEqualTo("Line");
    assertThat(answer.get("type").getAsString()).isEqualTo("sinter.models.line.Line");
    assertThat(Path.of(answer.get("jar").getAsString())).isEqualTo(jar).exists();
    assertThat(Path.of(answer.get("sources").getAsString())).isAbsolute().exists();
    assertThat(answer.get("kernels").getAsInt()).isPositive();
    assertThat(answer.has("weights")).isFalse();
  }

  @Test
  void givesTheSameBytesAgain() throws IOException {
    Sinter.run("compile", text, "-o", jar).ok();
    Path other = folder.resolve("again.jar");
    Sinter.run("compile", text, "-o", other).ok();
    assertThat(Files.mismatch(jar, other)).isEqualTo(-1);
  }

  @Test
  void putsWeightsBesideWhereAsked() {
    JsonObject answer =
        Sinter.run("compile", text, "-o", jar, "--weights-beside", "--json").ok().json();
    assertThat(Path.of(answer.get("weights").getAsString()))
        .isEqualTo(jar.resolveSibling("line.safetensors"))
        .exists();
  }

  @Test
  void takesWeightsAndSaysWhatDoesNotFit() throws IOException {
    Path weights = folder.resolve("w.safetensors");
    Tensor weight = Tensor.of(new float[] {3, -2}, 1, 2);
    Tensor bias = Tensor.of(new float[] {1}, 1);
    Safetensors.write(weights, Map.of("layer.weight", weight, "layer.bias", bias), Map.of());
    Sinter.run("compile", text, "-o", jar, "--weights", weights).ok();
    Safetensors.write(weights, Map.of("layer.weight", bias, "strange", bias), Map.of());
    Sinter run = Sinter.run("compile", text, "-o", jar, "--weights", weights).withoutStackTrace();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("layer.weight").contains("layer.bias").contains("strange");
  }

  @Test
  void setsParameters() throws IOException {
    String wider = LineText.TEXT.replace("train Fit", "train Unused");
    Path file = Files.writeString(folder.resolve("wide.sinter"), wider);
    Sinter.run("compile", file, "-o", jar, "--set", "width=5").ok();
    Sinter unknown = Sinter.run("compile", file, "-o", jar, "--set", "depth=5").withoutStackTrace();
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("depth").contains("width");
  }

  @Test
  void dumpsItsStagesNumbered() throws IOException {
    Path dumps = folder.resolve("dumps");
    Sinter.run("compile", text, "-o", jar, "--dump-dir", dumps).ok();
    try (Stream<Path> files = Files.list(dumps)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(name -> name.matches("\\d\\d-.*"));
    }
  }

  @Test
  void asksWhichOfSeveralModels() throws IOException {
    String two = LineText.TEXT + "\nmodel Other { fn (x: f32[N]) -> (y: f32[N]) = x + 1 }\n";
    Path file = Files.writeString(folder.resolve("two.sinter"), two);
    Sinter run = Sinter.run("compile", file, "-o", jar);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("Line, Other").contains("--model");
    Sinter.run("compile", file, "-o", jar, "--model", "Other").ok();
    Sinter none = Sinter.run("compile", file, "-o", jar, "--model", "Third");
    assertThat(none.err()).contains("Third");
  }

  @Test
  void showsFaultsOfTheTextWithTheirLines() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("bad.sinter"),
            "model M {\n  a = Linaer[2 -> 1]\n  fn (x: f32[N, 2]) -> (y: f32[N, 1]) = a(x)\n}\n");
    Sinter run = Sinter.run("compile", file, "-o", jar).withoutStackTrace();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("error[SIN").contains("bad.sinter:2:").contains("Linear");
    assertThat(jar).doesNotExist();
  }

  @Test
  void warningsAreSaidAndChangeNothing() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("spare.sinter"),
            """
            model M {
              a = Linear[2 -> 1]
              b = Linear[2 -> 1]
              fn (x: f32[N, 2]) -> (y: f32[N, 1]) = a(x)
            }
            """);
    Sinter run = Sinter.run("compile", file, "-o", jar).ok();
    assertThat(run.err())
        .containsOnlyOnce("warning[SIN0207]: nothing reads the weights of `b`")
        .contains("spare.sinter:3:3");
    assertThat(run.out()).doesNotContain("warning");
    JsonObject answer = Sinter.run("compile", file, "-o", jar, "--json").ok().json();
    JsonObject warning = answer.getAsJsonArray("diagnostics").get(0).getAsJsonObject();
    assertThat(warning.get("severity").getAsString()).isEqualTo("warning");
    assertThat(warning.getAsJsonObject("place").get("line").getAsInt()).isEqualTo(3);
    assertThat(Sinter.run("compile", text, "-o", jar, "--json").ok().json().has("diagnostics"))
        .isFalse();
  }

  @Test
  void explainsKernelsStepsAndMemory() {
    String shown = Sinter.run("explain", text).ok().out();
    assertThat(shown)
        .contains("kernels of Line")
        .contains("line.sinter:4")
        .contains("memory of forward");
    JsonObject answer = Sinter.run("explain", text, "--json").ok().json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.explain/1");
    assertThat(answer.getAsJsonArray("kernels"))
        .isNotEmpty()
        .extracting(JsonElement::getAsJsonObject)
        .allMatch(kernel -> kernel.get("bytes").getAsInt() >= kernel.get("methodBytes").getAsInt());
    assertThat(answer.getAsJsonArray("methods")).isNotEmpty();
    JsonObject entry = answer.getAsJsonArray("entries").get(0).getAsJsonObject();
    assertThat(entry.getAsJsonArray("steps").get(0).getAsJsonObject().get("flops").getAsString())
        .contains("N");
    // The product of the layer is neither written nor read back before its bias is added.
    assertThat(
            entry.getAsJsonArray("steps").get(0).getAsJsonObject().get("bytesSaved").getAsString())
        .isEqualTo("8*N");
    assertThat(shown).contains("saved by fusion");
    assertThat(entry.getAsJsonArray("plan")).isNotEmpty();
  }

  @Test
  void namesTheTilesThatKernelsShare() throws IOException {
    String net =
        """
        model Net() {
          a = Linear[64 -> 128]
          b = Linear[128 -> 96]
          c = Linear[96 -> 48]
          fn (x: f32[8, 64]) -> (y: f32[8, 48]) = x |> a |> relu |> b |> relu |> c |> gelu
        }
        """;
    Path file = Files.writeString(folder.resolve("net.sinter"), net);
    String shown = Sinter.run("explain", file).ok().out();
    assertThat(shown)
        .containsPattern("contractAddRelu2 .* [0-9]+ +c2\\$tile")
        .contains("own bytecode");
    List<JsonObject> kernels =
        Sinter.run("explain", file, "--json")
            .ok()
            .json()
            .getAsJsonArray("kernels")
            .asList()
            .stream()
            .map(JsonElement::getAsJsonObject)
            .toList();
    assertThat(kernels).hasSize(3);
    assertThat(kernels.get(0).getAsJsonArray("tiles"))
        .isNotEmpty()
        .isEqualTo(kernels.get(1).getAsJsonArray("tiles"));
    // Its tiles end in a function that no other has.
    assertThat(kernels.get(2).getAsJsonArray("tiles")).isEmpty();
    assertThat(kernels.get(2).get("bytes").getAsInt())
        .isGreaterThan(kernels.get(0).get("bytes").getAsInt());
  }

  @Test
  void showsTheBytecodeOfEachMethodAndWhichKernelsHavePtx() {
    String shown = Sinter.run("explain", text).ok().out();
    assertThat(shown).contains("methods of the kernels", "PTX", "LineKernels16");
    JsonObject answer = Sinter.run("explain", text, "--json").ok().json();
    assertThat(answer.getAsJsonArray("ptx"))
        .hasSameSizeAs(answer.getAsJsonArray("kernels"))
        .allMatch(form -> !form.getAsJsonObject().has("reason"));
  }

  @Test
  void showsEveryStage() {
    for (String stage : Compiler.stages()) {
      assertThat(Sinter.run("explain", text, "--stage", stage).ok().out()).as(stage).isNotBlank();
    }
    assertThat(Sinter.run("explain", text, "--stage", "formatted").ok().out()).contains("model");
    assertThat(Sinter.run("explain", text, "--stage", "fused").ok().out()).contains("kernel {");
    assertThat(Sinter.run("explain", text, "--stage", "loops").ok().out()).contains("share ");
    assertThat(Sinter.run("explain", text, "--stage", "ptx").ok().out()).contains(".target sm_80");
    Sinter unknown = Sinter.run("explain", text, "--stage", "none");
    assertThat(unknown.err()).contains("no stage is called none", "loops, threads, ptx");
  }

  @Test
  void putsPtxIntoTheJarAndBesideTheDumps() throws IOException {
    Path dump = folder.resolve("dump");
    Sinter.run("compile", text, "-o", jar, "--target", "java,ptx", "--dump-dir", dump).ok();
    try (JarFile file = new JarFile(jar.toFile())) {
      byte[] inside = file.getInputStream(file.getEntry(ModelJar.PTX)).readAllBytes();
      assertThat(new String(inside, StandardCharsets.UTF_8))
          .contains(".visible .entry")
          .isEqualTo(Files.readString(dump.resolve("kernels.ptx")));
    }
    try (Stream<Path> files = Files.list(dump)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .contains("00-source.txt", "01-formatted.txt", "02-graph.txt")
          .anyMatch(name -> name.endsWith("-loops.txt"));
    }
    assertThat(Sinter.run("compile", text, "-o", jar, "--target", "ptx").exitCode()).isEqualTo(1);
  }

  @Test
  void showsStagesAsText() {
    assertThat(Sinter.run("explain", text, "--stage", "java").ok().out()).contains("class Line");
    assertThat(Sinter.run("explain", text, "--stage", "programs").ok().out()).contains("forward");
    assertThat(Sinter.run("explain", text, "--train", "Fit").ok().out()).contains("steps of step");
    assertThat(Sinter.run("explain", text, "--stage", "none").exitCode()).isEqualTo(2);
    Sinter two = Sinter.run("explain", text, "--train", "Fit", "--model", "Line");
    assertThat(two.withoutStackTrace().exitCode()).isEqualTo(1);
    assertThat(two.err()).contains("--model and --train exclude each other");
  }
}
