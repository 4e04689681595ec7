package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.SourceText;
import java.util.List;

/// A parsed file.
///
/// @param comments all of them, in the order of the text, doc comments among them
public record SourceFile(
    SourceText source, List<Import> imports, List<Definition> definitions, List<Comment> comments) {
  public SourceFile {
    imports = List.copyOf(imports);
    definitions = List.copyOf(definitions);
    comments = List.copyOf(comments);
  }
}
