package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A body of statements that is being written, with the axes bound in it and the values that it
/// has.
final class Scope {
  /// How an axis is bound: one index expression for each copy of what depends on it.
  ///
  /// @param at the index of each copy; of a vector, that of its first lane
  /// @param vector whether consecutive indices lie in the lanes of a vector
  /// @param end where the axis ends, if the last of the vectors may reach over it
  record Binding(List<Dim> at, boolean vector, Optional<Dim> end) {
    Binding {
      at = List.copyOf(at);
    }

    /// One index at a time.
    static Binding one(Dim at) {
      return new Binding(List.of(at), false, Optional.empty());
    }
  }

  /// A value (or the symbol of an index) at one of its copies.
  record Instance(String value, Map<String, Integer> copy) {}

  private final @Nullable Scope parent;
  private final Map<String, Binding> bindings;
  private final Set<String> own;
  private final Map<Instance, Expr> values = new HashMap<>();
  private final Map<Instance, Dim> indices = new HashMap<>();

  private boolean spilled;

  /// The statements so far.
  final List<Statement> out = new ArrayList<>();

  private Scope(@Nullable Scope parent, Map<String, Binding> bindings, Set<String> own) {
    this.parent = parent;
    this.bindings = bindings;
    this.own = own;
  }

  /// A scope without axes.
  static Scope root() {
    return new Scope(null, Map.of(), Set.of());
  }

  /// A scope inside this one in which an axis is bound, or bound anew.
  Scope with(String axis, Binding binding) {
    Map<String, Binding> all = new TreeMap<>(bindings);
    all.put(axis, binding);
    return new Scope(this, all, Set.of(axis));
  }

  /// A scope inside this one with the same axes.
  Scope inner() {
    return new Scope(this, bindings, Set.of());
  }

  /// Whether all of `axes` are bound.
  boolean binds(Set<String> axes) {
    return bindings.keySet().containsAll(axes);
  }

  Binding binding(String axis) {
    return Objects.requireNonNull(bindings.get(axis));
  }

  /// The axis whose indices lie in lanes, among those given.
  Optional<String> vectorAxis(Set<String> axes) {
    return axes.stream().filter(a -> bindings.containsKey(a) && binding(a).vector()).findFirst();
  }

  /// The axes of which several indices are bound that do not lie in lanes.
  List<String> copied() {
    return bindings.keySet().stream()
        .filter(axis -> binding(axis).at().size() > 1 && !binding(axis).vector())
        .toList();
  }

  /// The axis whose indices lie in lanes.
  Optional<String> vectorAxis() {
    return vectorAxis(bindings.keySet());
  }

  /// Whether what varies along `axes` is a vector.
  boolean isVector(Set<String> axes) {
    return vectorAxis(axes).isPresent();
  }

  /// The copies of what varies along `axes`: for each axis of more than one index, which; the index
  /// of vectors is the fastest, so that those that read the same scalar follow one another.
  List<Map<String, Integer>> copies(Set<String> axes) {
    List<String> order = new ArrayList<>(bindings.keySet());
    order.sort(Comparator.comparing((String axis) -> binding(axis).vector()));
    List<Map<String, Integer>> copies = List.of(Map.of());
    for (String axis : order) {
      int count = binding(axis).at().size();
      if (count > 1 && axes.contains(axis)) {
        List<Map<String, Integer>> more = new ArrayList<>();
        for (Map<String, Integer> copy : copies) {
          for (int i = 0; i < count; i++) {
            Map<String, Integer> next = new LinkedHashMap<>(copy);
            next.put(axis, i);
            more.add(next);
          }
        }
        copies = more;
      }
    }
    return copies;
  }

  /// The copies of what varies along all axes.
  List<Map<String, Integer>> copies() {
    return copies(bindings.keySet());
  }

  /// Whether some axis lies along the lanes.
  boolean hasVector() {
    return bindings.values().stream().anyMatch(Binding::vector);
  }

  /// The copy of what varies along `axes` that belongs to `copy`.
  Map<String, Integer> project(Map<String, Integer> copy, Set<String> axes) {
    Map<String, Integer> part = new LinkedHashMap<>();
    copy.forEach((axis, i) -> {
      if (axes.contains(axis) && bindings.containsKey(axis) && binding(axis).at().size() > 1) {
        part.put(axis, i);
      }
    });
    return part;
  }

  /// The index expression of each axis at `copy`.
  Map<String, Dim> indices(Map<String, Integer> copy) {
    Map<String, Dim> at = new HashMap<>();
    bindings.forEach((axis, binding) -> at.put(axis, binding.at().get(copy.getOrDefault(axis, 0))));
    return at;
  }

  /// From now on the kernel's spilled value is read where it was written.
  void spilled() {
    spilled = true;
  }

  /// Whether that holds here or around here.
  boolean isSpilled() {
    return spilled || (parent != null && parent.isSpilled());
  }

  void put(Instance key, Expr value) {
    values.put(key, value);
  }

  void put(Instance key, Dim index) {
    indices.put(key, index);
  }

  /// The value, if this scope or one around it has it for the axes as they are bound here.
  @Nullable Expr value(Instance key, Set<String> axes) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      Expr value = scope.values.get(key);
      if (value != null) {
        return value;
      }
      if (scope.rebinds(axes)) {
        return null;
      }
    }
    return null;
  }

  /// Likewise, of an index.
  @Nullable Dim index(Instance key, Set<String> axes) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      Dim index = scope.indices.get(key);
      if (index != null) {
        return index;
      }
      if (scope.rebinds(axes)) {
        return null;
      }
    }
    return null;
  }

  // A value from outside that varies along an axis bound here belongs to another index of it.
  private boolean rebinds(Set<String> axes) {
    return own.stream().anyMatch(axes::contains);
  }
}
