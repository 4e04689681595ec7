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
  @Test
  void graphsAgreeWithTheInterpreterInEveryTierAndAtEveryWidth() throws IOException {
    assertThatAllAgree("graphs", Tier.current().cases(80, 5000), 12);
  }

  /// With batches that fill vectors, which other graphs never have, and with gradients.
  @Test
  void picturesAgreeWithTheInterpreterInEveryTierAndAtEveryWidth() throws IOException {
    assertThatAllAgree("pictures", Tier.current().cases(24, 1000), 8);
  }

  /// In a JVM of their own, whose JIT stops early: most of the work is the Java compiler's, once
  /// for each model.
  private static void assertThatAllAgree(String kind, int count, int nodes) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.sinter.compiler.RandomModels",
            kind,
            "0",
            Integer.toString(count),
            Integer.toString(nodes));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said.strip()).as(String.join(" ", command)).isEqualTo("tried");
  }
}
