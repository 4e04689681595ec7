package dev.sinter.dsl.load;

import dev.sinter.ir.diagnostic.SourceText;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Where the texts of imported files come from.
///
/// A path has `/` between its parts, begins with none, and never has `..`: `zoo/resnet.sinter`. It
/// is meant from the folder of the file that the compilation began with.
@FunctionalInterface
public interface SourceLoader {
  /// The text at `path`, or nothing where there is no such file.
  ///
  /// @throws IOException if there is one and it cannot be read as UTF-8 text, or is too large
  Optional<SourceText> load(String path) throws IOException;

  /// Where `name`, which stands in `text`, lies: relative names are meant from the text's own
  /// folder. Nothing where texts do not come out of folders, or the name is none of a file.
  default Optional<Path> beside(SourceText text, String name) {
    return Optional.empty();
  }
}
