package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Item;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A module made with sizes and arguments: its members, parameters and states.
final class ModuleInstance {
  private final String kindName;
  private final String path;
  private final Scope scope;
  private final Map<String, Datum> members = new LinkedHashMap<>();
  private final Map<String, Tensorial> tensors = new LinkedHashMap<>();
  private final List<Function> functions = new ArrayList<>();
  private final List<String> keys = new ArrayList<>();
  private final List<Edit.Bound> bounds = new ArrayList<>();

  /// A param or state of a module.
  ///
  /// @param path the member path that names it
  /// @param item its declaration
  /// @param state whether it is a state
  record Tensorial(String path, Item item, boolean state) {}

  ModuleInstance(String kindName, String path, Scope scope) {
    this.kindName = kindName;
    this.path = path;
    this.scope = scope;
  }

  /// The name of the definition that it was made of.
  String kindName() {
    return kindName;
  }

  /// The member path; empty for the outermost.
  String path() {
    return path;
  }

  /// The path of a part of it.
  String path(String part) {
    return path.isEmpty() ? part : path + "." + part;
  }

  /// The names that its functions see.
  Scope scope() {
    return scope;
  }

  /// Members in the order of the text.
  Map<String, Datum> members() {
    return members;
  }

  /// Params and states in the order of the text.
  Map<String, Tensorial> tensors() {
    return tensors;
  }

  List<Function> functions() {
    return functions;
  }

  List<String> keys() {
    return keys;
  }

  /// What sizes of its functions are at most.
  List<Edit.Bound> bounds() {
    return bounds;
  }

  /// The function named `name`, empty for the one that the module is called by.
  @Nullable Function function(String name) {
    return functions.stream().filter(f -> f.name().text().equals(name)).findFirst().orElse(null);
  }
}
