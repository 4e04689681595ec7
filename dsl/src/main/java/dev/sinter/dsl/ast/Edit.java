package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A change to a model, or a contract it has to keep.
public sealed interface Edit extends Item {
  /// `freeze stem, layer1`, `replace head with Linear[768 -> 2]`, `wrap`, `quantize`, `prune`.
  record Change(Name verb, List<Path> paths, @Nullable Expr with, Span span) implements Edit {
    public Change {
      paths = List.copyOf(paths);
    }
  }

  /// `rename "h.{i}.{p}" -> "blocks.{i}.{p}" with rearrange{i o -> o i}`.
  record Rename(StringLiteral from, StringLiteral to, @Nullable Expr with, Span span)
      implements Edit {}

  /// `limit memory 64 MiB`.
  record Limit(Name what, Expr.Numeral amount, Name unit, Span span) implements Edit {}

  /// `limit T 1024`: the size is at most so large.
  record Bound(Name size, Expr.Numeral most, Span span) implements Edit {}

  /// `check grad`.
  record Check(Name what, Span span) implements Edit {}
}
