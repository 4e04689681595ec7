package dev.sinter.dsl;

import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.ir.diagnostic.Span;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Collectors;

/// Syntax as text without spans: two files are the same program if these are equal.
public final class SyntaxText {
  private SyntaxText() {}

  public static String of(SourceFile file) {
    return show(file.imports()) + show(file.definitions());
  }

  private static String show(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(SyntaxText::show).collect(Collectors.joining(", ", "[", "]"));
    }
    if (!(value instanceof Record)) {
      return String.valueOf(value);
    }
    StringBuilder out = new StringBuilder(value.getClass().getSimpleName()).append('(');
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      if (component.getType() != Span.class) {
        try {
          Object part = component.getAccessor().invoke(value);
          out.append(part == null ? "-" : show(part)).append(' ');
        } catch (ReflectiveOperationException fault) {
          throw new LinkageError("no accessor", fault);
        }
      }
    }
    return out.append(')').toString();
  }
}
