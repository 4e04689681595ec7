package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sinter.runtime.Tensor;
import dev.sinter.runtime.files.Npy;
import dev.sinter.testkit.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Weights of others: listed, renamed, and taken by a model.
class WeightsCommandTest {
  private static final String FILES = "runtime/src/test/resources/dev/sinter/runtime/files/";

  @TempDir private Path folder;

  private static Path file(String name) {
    return Repository.current().file(FILES + name);
  }

  @Test
  void listsWhatAFileHolds() {
    Path file = file("checkpoint2.pt");
    assertThat(Sinter.run("weights", file).ok().out())
        .contains("model.fc.weight: f32[2, 3]\n")
        .contains("PyTorch checkpoint: 18 tensors, 167 B\n")
        .contains("beside them, not read: optimizer.param_groups.0.lr (a real number)");
    JsonObject answer =
        Sinter.run(
                "weights", file, "--rename=optimizer.{p} ->", "--rename=model.{p} -> {p}", "--json")
            .ok()
            .json();
    assertThat(answer.get("schema").getAsString()).isEqualTo("sinter.weights/1");
    assertThat(answer.getAsJsonArray("tensors")).hasSize(16);
    JsonObject first = answer.getAsJsonArray("tensors").get(0).getAsJsonObject();
    assertThat(first.get("name").getAsString()).isEqualTo("fc.weight");
    assertThat(first.get("dtype").getAsString()).isEqualTo("f32");
    assertThat(first.get("bytes").getAsLong()).isEqualTo(24);
    assertThat(answer.getAsJsonObject("others").get("epoch").getAsString()).isEqualTo("3");
  }

  @Test
  void aModelTakesTheWeightsOfACheckpointByRules() throws IOException {
    Path text = LineText.write(folder);
    Path jar = folder.resolve("line.jar");
    Sinter wrong =
        Sinter.run("compile", text, "-o", jar, "--weights", file("line.pt")).withoutStackTrace();
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.err())
        .contains("error[SIN1001]: line.pt does not fit the model: 2 missing, 2 unexpected")
        .contains("--rename 'state_dict.{p} -> {p}'");
    Path rules =
        Files.writeString(folder.resolve("rules"), "# of a checkpoint\n\nstate_dict.{p} -> {p}\n");
    Sinter.run("compile", text, "-o", jar, "--weights", file("line.pt"), "--rename-file", rules)
        .ok();
    Path x = folder.resolve("x.npy");
    Npy.write(x, Tensor.of(new float[] {10, 100}, 1, 2));
    JsonObject answer = Sinter.run("run", jar, "--input", "x=" + x, "--json").ok().json();
    double y =
        answer
            .getAsJsonArray("outputs")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("first")
            .get(0)
            .getAsDouble();
    assertThat(y).isEqualTo(3 * 10 - 2 * 100 + 1);
  }

  @Test
  void faultsOfFilesAndRulesAreTheUsers() throws IOException {
    Sinter evil = Sinter.run("weights", file("evil.pt")).withoutStackTrace();
    assertThat(evil.exitCode()).isEqualTo(1);
    assertThat(evil.err()).contains("`posix.system`");
    Sinter rule = Sinter.run("weights", file("line.pt"), "--rename", "a b").withoutStackTrace();
    assertThat(rule.exitCode()).isEqualTo(1);
    assertThat(rule.err()).contains("--rename: `a b` is no rule");
    Path rules = Files.writeString(folder.resolve("rules"), "a -> b\n{x} -> {y}\n");
    Sinter line =
        Sinter.run("weights", file("line.pt"), "--rename-file", rules).withoutStackTrace();
    assertThat(line.err()).contains("rules:2: `{y}`");
    Sinter alone =
        Sinter.run("compile", LineText.write(folder), "--rename", "a -> b").withoutStackTrace();
    assertThat(alone.exitCode()).isEqualTo(1);
    assertThat(alone.err()).contains("need --weights");
  }
}
