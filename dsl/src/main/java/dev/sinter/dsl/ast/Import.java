package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;

/// `import zoo.resnet.{Bottleneck, Layer}`.
///
/// @param path the names between the dots: `zoo`, `resnet`
/// @param names what is taken from the file
public record Import(List<Name> path, List<Name> names, Span span) {
  public Import {
    path = List.copyOf(path);
    names = List.copyOf(names);
  }
}
