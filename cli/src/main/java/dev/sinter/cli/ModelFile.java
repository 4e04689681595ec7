package dev.sinter.cli;

import dev.sinter.runtime.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipException;

/// A model as the user names it: a JAR.
final class ModelFile {
  private ModelFile() {}

  static Model load(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserFault("no such file: " + file);
    }
    try {
      return Model.load(file);
    } catch (ZipException e) {
      throw new UserFault(file + " is no JAR: " + e.getMessage());
    }
  }
}
