package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenTest {
  private static final String MODE = "sinter.golden";

  private final String modeOfThisRun = System.getProperty(MODE, "check");

  @TempDir private Path folder;

  @BeforeEach
  void startChecking() {
    System.setProperty(MODE, "check");
  }

  @AfterEach
  void giveTheModeBack() {
    System.setProperty(MODE, modeOfThisRun);
  }

  @Test
  void acceptsTheSameText() throws IOException {
    Path file = Files.writeString(folder.resolve("same.txt"), "one\ntwo\n");
    assertThatCode(() -> new Golden(file).check("one\ntwo\n")).doesNotThrowAnyException();
  }

  @Test
  void refusesAnotherTextAndNamesTheFileAndTheFlag() throws IOException {
    Path file = Files.writeString(folder.resolve("other.txt"), "one\n");
    assertThatThrownBy(() -> new Golden(file).check("two\n"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("other.txt", "-Dsinter.golden=rewrite");
  }

  @Test
  void refusesAMissingFile() {
    assertThatThrownBy(() -> new Golden(folder.resolve("missing.txt")).check("one\n"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("missing.txt");
  }

  @Test
  void writesTheFileWhenRewriting() {
    System.setProperty(MODE, "rewrite");
    Path file = folder.resolve("deep/new.txt");
    new Golden(file).check("one\n");
    assertThat(file).hasContent("one\n");
  }
}
