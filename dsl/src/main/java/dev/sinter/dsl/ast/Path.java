package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which members are meant: `body[0].conv1`, `layer4[*].conv2`, `model.**.bias`, `*`.
public record Path(List<Part> parts, Span span) {
  public Path {
    parts = List.copyOf(parts);
  }

  /// One step into a member.
  public sealed interface Part {
    Span span();

    /// `conv1`.
    record Member(Name name) implements Part {
      @Override
      public Span span() {
        return name.span();
      }
    }

    /// `*`: every member.
    record Each(Span span) implements Part {}

    /// `**`: every member at any depth, this one too.
    record Deep(Span span) implements Part {}

    /// `[3]` or `[0..12]`, without its upper end; `last` is null where one is meant.
    record Index(long first, @Nullable Long last, Span span) implements Part {}

    /// `[*]`: every element.
    record EachIndex(Span span) implements Part {}
  }
}
