package dev.sinter.training;

import java.util.Map;

/// Hears how a training goes.
public interface TrainingListener {
  /// A listener that does nothing.
  TrainingListener SILENT = new TrainingListener() {};

  /// A batch has been trained on.
  ///
  /// @param epoch from 1
  /// @param examples how many examples of this epoch are done
  /// @param of how many examples an epoch has
  /// @param losses the means of the losses over this epoch so far
  default void batch(int epoch, long examples, long of, Map<String, Double> losses) {}

  /// An epoch has ended.
  default void epoch(Epoch epoch) {}

  /// What an epoch came to.
  ///
  /// @param number from 1
  /// @param losses the mean of each loss over the epoch's examples
  /// @param metrics the mean of each metric over the test examples; empty without any
  /// @param seconds how long the training of the epoch took, without the test
  record Epoch(
      int number, Map<String, Double> losses, Map<String, Double> metrics, double seconds) {}
}
