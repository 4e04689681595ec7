package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A type as it is written.
public sealed interface TypeSyntax {
  Span span();

  /// `f32[N, D]`, `bool[]`, `key[]`.
  record Tensor(Name dtype, List<DimSyntax> dims, Span span) implements TypeSyntax {
    public Tensor {
      dims = List.copyOf(dims);
    }
  }

  /// `T[..S]`, a tensor of any dtype, or `Linear[I -> O]`, a module: only names tell which.
  record Named(Name name, @Nullable Sizes sizes, Span span) implements TypeSyntax {}

  /// `[int]`.
  record ListOf(TypeSyntax element, Span span) implements TypeSyntax {}

  /// `fn`.
  record FunctionType(Span span) implements TypeSyntax {}

  /// `int`, `float`, `bool`, `string`.
  record Static(Name name, Span span) implements TypeSyntax {}
}
