package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Function;
import org.jspecify.annotations.Nullable;

/// What can be called.
sealed interface Callable {
  /// The name, for messages.
  String name();

  /// A function of the language itself.
  record Builtin(String name, dev.sinter.dsl.elaborate.Builtin builtin) implements Callable {}

  /// A function written at the top of a file, with its custom gradient if it has one.
  record TopFunction(Function function, Scope scope, Definition.@Nullable Gradient gradient)
      implements Callable {
    @Override
    public String name() {
      return function.name().text();
    }
  }

  /// A function of a module.
  record Method(ModuleInstance instance, Function function) implements Callable {
    @Override
    public String name() {
      String method = function.name().text();
      return instance.kindName() + (method.isEmpty() ? "" : "." + method);
    }
  }
}
