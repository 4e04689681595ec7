package dev.sinter.runtime;

import java.util.List;

/// A function of a model that can be called: what it takes, what it gives, and which states it
/// reaches, by name.
public record EntrySpec(
    String name, List<TensorSpec> inputs, List<TensorSpec> outputs, List<String> states) {
  /// Copies the lists.
  public EntrySpec {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    states = List.copyOf(states);
  }
}
