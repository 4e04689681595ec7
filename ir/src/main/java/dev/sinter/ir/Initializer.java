package dev.sinter.ir;

import dev.sinter.runtime.Rename;
import dev.sinter.runtime.Tensor;
import java.util.List;

/// The first value of a parameter. Random ones are drawn by Threefry keyed by the seed and the
/// parameter's name, so that they are the same on every machine.
public sealed interface Initializer {
  /// Every element is `value`.
  record Fill(double value) implements Initializer {}

  /// Independent draws from a normal distribution.
  record Normal(double mean, double deviation) implements Initializer {}

  /// Independent draws, evenly from `low` (in) to `high` (out).
  record Uniform(double low, double high) implements Initializer {}

  /// What a file of weights holds.
  ///
  /// @param file a file of weights
  /// @param tensor the name that it has in the model after `names`
  /// @param names what the model calls the file's tensors
  record Stored(String file, String tensor, List<Rename> names) implements Initializer {
    public Stored {
      names = List.copyOf(names);
    }
  }

  /// A value that came with the model.
  record Held(Tensor tensor) implements Initializer {}
}
