package dev.sinter.cli;

import static dev.sinter.testkit.OnnxMessages.node;
import static dev.sinter.testkit.OnnxMessages.tensor;
import static dev.sinter.testkit.OnnxMessages.value;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import dev.sinter.testkit.OnnxMessages;
import dev.sinter.testkit.WireMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileTest {
  @TempDir private Path folder;
  private Path model;
  private Path x;
  private byte[] bytes;

  /// `class:0 = input.1 * scale + input.1`, with names as exporters give them.
  @BeforeEach
  void write() throws IOException {
    float[] scale = new float[20];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = i;
    }
    WireMessage graph =
        new WireMessage()
            .message(1, node("Mul", List.of("input.1", "layer/scale"), List.of("h")))
            .message(1, node("Add", List.of("h", "input.1"), List.of("class:0")))
            .message(5, tensor("layer/scale", scale))
            .message(11, value("input.1", "batch", 20))
            .message(12, value("class:0", "batch", 20));
    bytes = OnnxMessages.model(graph).bytes();
    model = Files.write(folder.resolve("my net-1.onnx"), bytes);
    x = folder.resolve("x.npy");
    float[] ones = new float[60];
    Arrays.fill(ones, 1);
    Npy.write(x, Tensor.of(ones, 3, 20));
  }

  @Test
  void isCompiledWithItsWeightsUnderTheNameOfTheFile() {
    Path jar = folder.resolve("net.jar");
    Sinter compiled = Sinter.run("compile", model, "-o", jar, "--json").ok();
    assertThat(compiled.err()).doesNotContain("untrained");
    JsonObject answer = compiled.json();
    assertThat(answer.get("model").getAsString()).isEqualTo("my_net-1");
    assertThat(answer.get("type").getAsString()).isEqualTo("sinter.models.mynet1.MyNet1");
    assertGivesClasses("run", jar, "--input", "input.1=" + x, "--json");
  }

  @Test
  void runsWithoutAJar() {
    assertGivesClasses("run", model, "--input", "input.1=" + x, "--json");
  }

  @Test
  void isExplained() {
    Sinter explained = Sinter.run("explain", model).ok();
    assertThat(explained.out()).contains("kernels of my_net-1");
    Sinter stage = Sinter.run("explain", model, "--stage", "graph").ok();
    assertThat(stage.out()).contains("argument input.1").contains("mul(");
  }

  @Test
  void isWrittenAsATextThatCompilesToTheSame() throws IOException {
    Path text = folder.resolve("net.sinter");
    JsonObject answer = Sinter.run("import", model, "-o", text, "--json").ok().json();
    assertThat(answer.get("model").getAsString()).isEqualTo("MyNet1");
    Path weights = folder.resolve("net.safetensors");
    assertThat(Files.readString(text))
        .isEqualTo(
            """
            /// Imported from my net-1.onnx.
            ///
            ///     sinter compile net.sinter --weights net.safetensors
            model MyNet1 {
              param layer_scale: f32[20] = zeros()

              fn (input_1: f32[Batch, 20]) -> (class_0: f32[Batch, 20]) = input_1 * layer_scale + input_1
            }
            """);
    Sinter run =
        Sinter.run("run", text, "--weights", weights, "--input", "input_1=" + x, "--json").ok();
    JsonObject output = run.json().getAsJsonArray("outputs").get(0).getAsJsonObject();
    assertThat(output.get("first").toString()).startsWith("[1.0,2.0,3.0,");
    assertThat(Sinter.run("fmt", "--check", text).exitCode()).isZero();
    assertFault("let its name end in .sinter", "import", model, "-o", folder.resolve("net.txt"));
    assertFault("is no ONNX model", "import", text);
    assertFault("no such file", "import", folder.resolve("none.onnx"));
  }

  @Test
  void isRefusedInASentenceWhereItIsWrong() throws IOException {
    Files.write(model, Arrays.copyOf(bytes, bytes.length / 2));
    assertFault("cannot be read as ONNX", "compile", model);
    WireMessage graph = new WireMessage().message(1, node("Frobnicate", List.of(), List.of("y")));
    Files.write(model, OnnxMessages.model(graph).bytes());
    assertFault("Frobnicate is an operator that Sinter does not know", "run", model);
    assertFault("no such file", "compile", folder.resolve("none.onnx"));
  }

  @Test
  void hasNoModelsParametersAndTrainingsToChooseFrom() {
    assertFault("--model is for a text", "compile", model, "--model", "Other");
    assertFault(
        "it has no open size called width; it has [batch]", "run", model, "--set", "width=3");
    assertFault("says nothing about training", "explain", model, "--train", "Fit");
  }

  @Test
  void isHeldToWhatWasRecorded() throws IOException {
    record("right", 2);
    record("wrong", 3);
    Path report = folder.resolve("report.tsv");
    Path outputs = folder.resolve("outputs");
    Path tests = folder.resolve("tests");
    Sinter run = Sinter.run("conformance", tests, "--report", report, "--save-outputs", outputs);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).endsWith("1 passed, 1 failed, 0 unsupported\n");
    assertThat(run.err()).contains("failed suite/wrong: class:0[0] is 2.0, not 3.0");
    assertThat(Files.readAllLines(report))
        .hasSize(3)
        .contains("suite\ttest\tstatus\ttarget\texterns\tmaxAbs\tmaxRel\tms\treason")
        .anyMatch(row -> row.startsWith("suite\tright\tpassed\tjava\t0\t0.0\t0.0\t"))
        .anyMatch(row -> row.startsWith("suite\twrong\tfailed\tjava\t0\t1.0\t"));
    assertThat(outputs.resolve("suite/right/data_set_0_output_0.pb")).isNotEmptyFile();
    assertThat(Sinter.run("conformance", tests, "--filter", "right").exitCode()).isZero();
    assertFault("has no such tests", "conformance", tests, "--filter", "none");
  }

  /// A test of a model that doubles a number: 1 in, `answer` expected.
  private void record(String name, float answer) throws IOException {
    Path test = folder.resolve("tests/suite").resolve(name);
    Path data = Files.createDirectories(test.resolve("test_data_set_0"));
    WireMessage graph =
        new WireMessage()
            .message(1, node("Add", List.of("input.1", "input.1"), List.of("class:0")))
            .message(11, value("input.1", 1))
            .message(12, value("class:0", 1));
    Files.write(test.resolve("model.onnx"), OnnxMessages.model(graph).bytes());
    Files.write(data.resolve("input_0.pb"), tensor("", 1).bytes());
    Files.write(data.resolve("output_0.pb"), tensor("", answer).bytes());
  }

  private static void assertGivesClasses(Object... arguments) {
    JsonObject output =
        Sinter.run(arguments).ok().json().getAsJsonArray("outputs").get(0).getAsJsonObject();
    assertThat(output.get("name").getAsString()).isEqualTo("class:0");
    assertThat(output.get("shape").toString()).isEqualTo("[3,20]");
    assertThat(output.getAsJsonArray("first").get(2).getAsDouble()).isEqualTo(3);
  }

  private static void assertFault(String part, Object... arguments) {
    Sinter run = Sinter.run(arguments).withoutStackTrace();
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(part);
  }
}
