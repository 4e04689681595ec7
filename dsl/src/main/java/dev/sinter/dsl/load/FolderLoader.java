package dev.sinter.dsl.load;

import dev.sinter.ir.diagnostic.SourceText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/// Loads files below one folder, and through no symbolic link that leads out of it.
public record FolderLoader(Path folder) implements SourceLoader {
  /// Far beyond what the parser takes, and little enough to read whole.
  private static final long MAX_BYTES = 4L << 20;

  @Override
  public Optional<SourceText> load(String path) throws IOException {
    Path file = folder.resolve(path).normalize();
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    if (!file.toRealPath().startsWith(folder.toRealPath())) {
      throw new IOException("it lies outside of the folder of the first file");
    }
    return Optional.of(read(file));
  }

  @Override
  public Optional<Path> beside(SourceText text, String name) {
    try {
      return Optional.of(Path.of(text.name()).toAbsolutePath().resolveSibling(name).normalize());
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /// The text of `file` under the name that `file` has.
  ///
  /// @throws IOException also if it is not UTF-8 or is too large
  public static SourceText read(Path file) throws IOException {
    long bytes = Files.size(file);
    if (bytes > MAX_BYTES) {
      throw new IOException("it has " + bytes + " bytes");
    }
    return new SourceText(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
  }
}
