package dev.sinter.ir;

import java.util.List;

/// One entry point of a model as a typed tensor graph: single assignment, no side effects.
///
/// State is functional: a state comes in as an input and goes out as the output of the same name
/// and role, which must live in the same memory; the memory plan proves that no reader of the old
/// value comes after the writer.
///
/// @param name the entry's name; the main one of a model is `forward`
/// @param inputs what each parameter of the body is
/// @param outputs what each result of the body is
/// @param body the nodes
/// @param facts what is known of the symbols in the sizes
public record Graph(
    String name, List<Input> inputs, List<Output> outputs, Region body, Facts facts) {
  public Graph {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    if (inputs.size() != body.params().size() || outputs.size() != body.results().size()) {
      throw new IllegalArgumentException("inputs or outputs do not match the body of " + name);
    }
  }

  /// What a parameter of the body is.
  ///
  /// @param name unique among the inputs of its role
  public record Input(String name, Role role) {}

  /// What a result of the body is.
  public record Output(String name, Role role) {}

  /// Where a value that crosses the graph's border lives.
  public enum Role {
    /// Given by the caller, or returned to him.
    ARGUMENT,
    /// A parameter that this entry only reads; shared by all sessions.
    WEIGHT,
    /// Owned by a session, kept between calls: as an output, the new value of the input so named.
    STATE
  }

  /// The value that comes in as number `index`.
  public Value input(int index) {
    return body.params().get(index);
  }

  /// The value that goes out as number `index`.
  public Value output(int index) {
    return body.results().get(index);
  }

  /// The same entry with another body, of the same parameters and results.
  public Graph withBody(Region other) {
    return new Graph(name, inputs, outputs, other, facts);
  }
}
