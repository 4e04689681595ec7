package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The sizes of a module, declared or given: `[I -> O]`, `[C, M -> D]`, `[N]`.
///
/// @param to what stands after the arrow; null where there is none
public record Sizes(List<DimSyntax> from, @Nullable List<DimSyntax> to, Span span) {
  public Sizes {
    from = List.copyOf(from);
    to = to == null ? null : List.copyOf(to);
  }
}
