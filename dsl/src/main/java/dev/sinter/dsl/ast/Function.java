package dev.sinter.dsl.ast;

import dev.sinter.ir.diagnostic.Span;
import java.util.List;

/// `fn decode(x: f32[N, T, D], at: i32[]) -> f32[N, T, D] where (T <= context) { ... }`.
///
/// @param name empty for the `fn` that a module is called by; its span is then that of the word
///   `fn`
public record Function(
    String doc,
    Name name,
    List<Field> params,
    Result result,
    List<Expr> facts,
    Body body,
    Span span) {
  public Function {
    params = List.copyOf(params);
    facts = List.copyOf(facts);
  }

  /// Whether this is the `fn` that a module is called by.
  public boolean isCall() {
    return name.text().isEmpty();
  }
}
