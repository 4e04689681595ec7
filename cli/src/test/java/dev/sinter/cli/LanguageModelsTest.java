package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.testkit.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The samples that are language models, with the weights that others trained.
class LanguageModelsTest {
  @TempDir private Path folder;

  private Path compiled(String sample, Object... more) {
    Path jar = folder.resolve(sample + ".jar");
    List<Object> arguments = new ArrayList<>();
    arguments.add("compile");
    arguments.add(Repository.current().file("samples/" + sample + "/" + sample + ".sinter"));
    arguments.addAll(List.of("--standalone", "-o", jar));
    arguments.addAll(List.of(more));
    Sinter.run(arguments.toArray()).ok();
    return jar;
  }

  /// What a sample's program prints in a JVM of its own.
  private String printed(Path jar, String program, Object... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp", jar.toString()));
    command.add(Repository.current().file("samples/" + program).toString());
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectError(said.toFile()).directory(folder.toFile()).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(said)).isZero();
    return text;
  }

  @Test
  void tellsThePublishedStory() throws IOException, InterruptedException {
    Path checkpoint = Repository.current().shared("data/stories260K/stories260K.bin");
    Path tokenizer = Repository.current().shared("data/stories260K/tok512.bin");
    Path jar = compiled("stories");
    assertThat(printed(jar, "stories/Tell.java", checkpoint, tokenizer))
        .startsWith(
            """
            Once upon a time, there was a little girl named Lily. She loved to play outside in the park. \
            One day, she saw a big, red ball. She wanted to play with it, but it was too high.
            Lily's mom said, "Lily, let's go to the park." Lily was sad and didn't know what to do. \
            She said, "I want to play with your ball, but I can't find it."
            """);
    String begun = "Tom had a big, red ball";
    assertThat(printed(jar, "stories/Tell.java", checkpoint, tokenizer, begun, 40))
        .startsWith(begun)
        .hasSizeGreaterThan(begun.length() + 20);
  }

  @Test
  void readingBitByBitGivesWhatReadingAtOnceGives() throws IOException {
    Path jar =
        compiled(
            "stories",
            "--set=layers=2",
            "--set=vocab=20",
            "--set=width=16",
            "--set=hidden=24",
            "--set=heads=4",
            "--set=kv_heads=2",
            "--set=context=9");
    int texts = 3;
    int length = 9;
    int[] tokens = new Random(5).ints((long) texts * length, 0, 20).toArray();
    try (Model model = Model.load(jar);
        Session session = model.session(1)) {
      Tensor whole = logits(session, "forward", Tensor.of(tokens, texts, length));
      int at = 0;
      for (int step : new int[] {1, 1, 3, 1, 2, 1}) {
        int[] next = new int[texts * step];
        for (int n = 0; n < texts; n++) {
          System.arraycopy(tokens, n * length + at, next, n * step, step);
        }
        at += step;
        Tensor last = logits(session, "decode", Tensor.of(next, texts, step));
        for (int n = 0; n < texts; n++) {
          for (int v = 0; v < 20; v++) {
            assertThat(last.getDouble(n * 20L + v))
                .isEqualTo(whole.getDouble(((long) n * length + at - 1) * 20 + v), within(1e-4));
          }
        }
      }
    }
  }

  private static Tensor logits(Session session, String entry, Tensor text) {
    return Objects.requireNonNull(session.run(entry, Map.of("text", text)).get("logits"));
  }

  @Test
  void sortsLettersAndComputesWhatWasRecorded() throws IOException, InterruptedException {
    Path weights = Repository.current().shared("data/gpt-nano-sort/gpt-nano-sort-model.json");
    Path partials =
        Repository.current().shared("data/gpt-nano-sort/gpt-nano-sort-t0-partials.json");
    Path jar = compiled("gptsort");
    String text =
        printed(jar, "gptsort/Sort.java", weights, "CBABBC", "CCCCCA", "ABCABC", partials);
    assertThat(text)
        .contains("CBABBC -> ABBBCC\n")
        .contains("CCCCCA -> ACCCCC\n")
        .contains("ABCABC -> AABBCC\n");
    List<MatchResult> errors =
        Pattern.compile("(\\w+) +(\\S+e[-+]\\d+|NaN|Infinity)\\n").matcher(text).results().toList();
    assertThat(errors).hasSize(21);
    for (MatchResult error : errors) {
      assertThat(Double.parseDouble(error.group(2))).as(error.group(1)).isLessThan(1e-4);
    }
  }
}
