package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.testkit.Tier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Random graphs through the whole line give the interpreter's answers, within the bound that each
/// node carries.
class RandomModelsTest {
  /// In a JVM of their own, whose JIT stops early: most of the work is the Java compiler's, once
  /// for each model.
  @Test
  void agreeWithTheInterpreterInEveryTierAndAtEveryWidth() throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.sinter.compiler.RandomModels",
            "0",
            Integer.toString(Tier.current().cases(80, 5000)));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said.strip()).as(String.join(" ", command)).isEqualTo("tried");
  }
}
