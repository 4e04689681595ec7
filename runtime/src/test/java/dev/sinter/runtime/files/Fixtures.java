package dev.sinter.runtime.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files of weights beside these tests, which `make_checkpoints.py` wrote.
final class Fixtures {
  private Fixtures() {}

  static byte[] bytes(String name) throws IOException {
    try (InputStream in = Fixtures.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return in.readAllBytes();
    }
  }

  /// Copies one into a folder.
  static Path copy(Path folder, String name) throws IOException {
    return Files.write(folder.resolve(name), bytes(name));
  }
}
