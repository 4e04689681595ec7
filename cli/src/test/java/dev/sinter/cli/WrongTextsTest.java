package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Texts that are wrong as people get them wrong. Each ends in what has to be said about it: the
/// code and the place, the message, and what helps.
class WrongTextsTest {
  private static final String MARK = "//! ";

  @TempDir Path folder;

  static List<Path> texts() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/wrong"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void thereAreAtLeastForty() throws IOException {
    assertThat(texts()).hasSizeGreaterThanOrEqualTo(40);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void areToldWhatIsWrongAndWhatHelps(Path text) throws IOException {
    List<String> said =
        Files.readAllLines(text).stream()
            .filter(line -> line.startsWith(MARK))
            .map(line -> line.substring(MARK.length()))
            .toList();
    String[] place = said.getFirst().split(" ", -1);
    Sinter people = command(text).withoutStackTrace();
    assertThat(people.exitCode()).isEqualTo(1);
    assertThat(people.out()).isEmpty();
    assertThat(people.err())
        .startsWith("error[" + place[0] + "]: ")
        .contains(text.getFileName() + ":" + place[1])
        .contains(said.subList(1, said.size()));
    JsonObject fault =
        command(text, "--json").json().getAsJsonArray("diagnostics").get(0).getAsJsonObject();
    assertThat(fault.get("code").getAsString()).isEqualTo(place[0]);
    assertThat(fault.get("message").getAsString()).isEqualTo(said.get(1));
    assertThat(
            fault.getAsJsonObject("place").get("line").getAsString()
                + ":"
                + fault.getAsJsonObject("place").get("column").getAsString())
        .isEqualTo(place[1]);
  }

  /// Explains a text's training, or compiles its model where it has none.
  private Sinter command(Path text, String... more) throws IOException {
    boolean trains = Files.readString(text).contains("\ntrain Fit");
    List<Object> words = new java.util.ArrayList<>();
    words.addAll(
        trains
            ? List.of("explain", text, "--train", "Fit")
            : List.of("compile", text, "-o", folder.resolve("net.jar")));
    words.addAll(List.of(more));
    return Sinter.run(words.toArray());
  }
}
