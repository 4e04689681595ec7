package dev.sinter.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/// Where tests find the files of the repository and the data that lies beside it.
///
/// @param root the folder of the parent POM, absolute
public record Repository(Path root) {
  /// The repository that this JVM tests: what the build says, or, started from an IDE, the folder
  /// above the working directory that holds `.mvn`.
  public static Repository current() {
    String named = System.getProperty("sinter.root");
    Path start = Path.of(named == null ? "" : named).toAbsolutePath().normalize();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve(".mvn"))) {
        return new Repository(folder);
      }
    }
    throw new IllegalStateException("no repository at or above " + start);
  }

  /// A file of the repository.
  public Path file(String name) {
    return root.resolve(name);
  }

  /// A file of the data that is too large or not ours to ship, such as
  /// `data/tinyshakespeare/input.txt`. It lies beside the repository, in `../shared`, or where
  /// `-Dsinter.shared` says. Where it is missing, the test that asked is skipped and says so.
  public Path shared(String name) {
    Path folder =
        Optional.ofNullable(System.getProperty("sinter.shared"))
            .map(Path::of)
            .orElse(root.resolve("../shared"))
            .toAbsolutePath()
            .normalize();
    Path file = folder.resolve(name);
    Assumptions.assumeTrue(Files.exists(file), () -> "skipped, because there is no " + file);
    return file;
  }
}
