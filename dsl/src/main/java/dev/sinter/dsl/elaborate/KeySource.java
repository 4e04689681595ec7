package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;

/// Where a key comes from: a value, or the call's key folded with the name of its place.
sealed interface KeySource {
  /// A value that the caller gave, or one made by `fold`.
  record Given(Value value) implements KeySource {}

  /// A `key k` of a module or step: made of the entry's key, the member path and the call.
  ///
  /// @param path the member path and the key's name
  /// @param declared where it is declared
  /// @param once whether one draw may use it; a module's key is used at each call of the module
  record Place(String path, Span declared, boolean once) implements KeySource {}
}
