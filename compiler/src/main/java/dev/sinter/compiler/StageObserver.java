package dev.sinter.compiler;

import java.util.function.Supplier;

/// Hears of each stage that a model goes through, in their order.
@FunctionalInterface
public interface StageObserver {
  /// Hears nothing.
  StageObserver NONE = (name, text) -> {};

  /// The model became something else.
  ///
  /// @param name the stage's, one of [Compiler#stages]; a pass has one text for each entry
  /// @param text makes the text, which takes a while
  void stage(String name, Supplier<String> text);
}
