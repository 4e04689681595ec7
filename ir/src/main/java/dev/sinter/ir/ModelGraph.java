package dev.sinter.ir;

import java.util.List;
import java.util.Optional;

/// A whole model: its entry points, what they share, and how it is trained.
///
/// @param name the model's name, as in the text
/// @param parameters all weights and states, in the order of their declaration
/// @param entries the entry points; all see the same parameters by name
/// @param training how to train it, for a `train` definition
/// @param contracts what it promises beside its results
public record ModelGraph(
    String name,
    List<Parameter> parameters,
    List<Graph> entries,
    Optional<Training> training,
    Contracts contracts) {
  public ModelGraph {
    parameters = List.copyOf(parameters);
    entries = List.copyOf(entries);
  }

  /// A tensor that outlives a call.
  ///
  /// @param name the member path, such as `body.0.1.conv1.weight`
  /// @param type the type; sizes may have symbols for a state only
  /// @param initializer its first value
  /// @param kind whether it is a weight, a state, or a slot of an optimizer
  public record Parameter(String name, TensorType type, Initializer initializer, Kind kind) {}

  /// What a parameter is for.
  public enum Kind {
    /// Learned: saved with the model.
    WEIGHT,
    /// Kept between calls and saved with the model where its sizes are constant: running
    /// statistics.
    STATE,
    /// An optimizer's: saved in checkpoints only.
    SLOT
  }

  /// The entry named `name`, if there is one.
  public Optional<Graph> entry(String name) {
    return entries.stream().filter(e -> e.name().equals(name)).findFirst();
  }
}
