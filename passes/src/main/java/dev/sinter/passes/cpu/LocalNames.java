package dev.sinter.passes.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Names for locals and loop indices, each new where it is in scope, all of them Java identifiers.
final class LocalNames {
  private final Deque<Set<String>> scopes = new ArrayDeque<>();
  private Set<String> taken = new HashSet<>();

  /// Names of a function's own, which are none of the sizes that it sees.
  static LocalNames beside(List<String> sizes) {
    LocalNames names = new LocalNames();
    sizes.forEach(names::fresh);
    return names;
  }

  /// Begins a body: its names are free again after it.
  void enter() {
    scopes.push(taken);
    taken = new HashSet<>(taken);
  }

  /// Ends a body.
  void leave() {
    taken = scopes.pop();
  }

  /// `base`, or `base` with the first number that makes it new.
  String fresh(String base) {
    String name = base;
    for (int i = 1; !taken.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }

  /// The last word of a name from a graph, as an identifier: `layers.0.fc.weight` gives `weight`.
  static String identifier(String name) {
    String word = name.substring(name.lastIndexOf('.') + 1).replaceAll("[^A-Za-z0-9_]", "");
    word = word.replaceAll("^_+", "");
    if (word.isEmpty() || Character.isDigit(word.charAt(0))) {
      word = "v" + word;
    }
    return Character.toLowerCase(word.charAt(0)) + word.substring(1);
  }
}
