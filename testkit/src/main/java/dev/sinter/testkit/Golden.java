package dev.sinter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A text that a test expects, kept in a file so that a change shows its diff in review.
/// `-Dsinter.golden=rewrite` writes what the code says now.
///
/// @param file where the text lies; a relative one is relative to the module's folder
public record Golden(Path file) {
  /// The golden file of that name under `src/test/golden` of the module under test.
  public static Golden of(String name) {
    return new Golden(Path.of("src/test/golden").resolve(name));
  }

  /// Fails unless the file holds exactly this text; in a rewriting run, makes it hold it.
  public void check(String actual) {
    try {
      if (System.getProperty("sinter.golden", "check").equals("rewrite")) {
        rewrite(actual);
      } else {
        assertThat(file).as("golden file; -Dsinter.golden=rewrite writes it").exists();
        assertThat(actual)
            .as("%s; if the change is meant, -Dsinter.golden=rewrite keeps it", file)
            .isEqualTo(Files.readString(file));
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private void rewrite(String actual) throws IOException {
    if (Files.exists(file) && Files.readString(file).equals(actual)) {
      return;
    }
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.writeString(file, actual);
  }
}
