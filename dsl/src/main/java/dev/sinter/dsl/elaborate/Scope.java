package dev.sinter.dsl.elaborate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Names and what they stand for, inner ones before outer ones.
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, Datum> names = new HashMap<>();
  private final Map<String, List<dev.sinter.ir.Dim>> rests = new HashMap<>();

  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  /// The scope around all others: a file's top level.
  Scope outermost() {
    Scope scope = this;
    while (scope.outer != null) {
      scope = scope.outer;
    }
    return scope;
  }

  /// A scope inside this one.
  Scope inner() {
    return new Scope(this);
  }

  void define(String name, Datum datum) {
    names.put(name, datum);
  }

  /// Binds `..S` to sizes.
  void defineRest(String name, List<dev.sinter.ir.Dim> dims) {
    rests.put(name, List.copyOf(dims));
  }

  @Nullable Datum find(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Datum datum = scope.names.get(name);
      if (datum != null) {
        return datum;
      }
    }
    return null;
  }

  @Nullable List<dev.sinter.ir.Dim> findRest(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      List<dev.sinter.ir.Dim> dims = scope.rests.get(name);
      if (dims != null) {
        return dims;
      }
    }
    return null;
  }

  /// Whether this scope itself, not one around it, has the name.
  boolean has(String name) {
    return names.containsKey(name);
  }

  /// Every name in sight, for hints.
  List<String> all() {
    List<String> out = new ArrayList<>();
    for (Scope scope = this; scope != null; scope = scope.outer) {
      out.addAll(scope.names.keySet());
    }
    return out;
  }
}
