package dev.sinter.training;

import java.util.List;

/// How a compiled model is trained: what each batch holds and which entries run on it.
///
/// A step's entry takes fields by name and, if it has inputs so named, `iteration` (`i32[]`,
/// counted from 1 for each step) and `key` (`u32[2]`: the seed and the iteration); its outputs are
/// scalar losses. The metrics' entry takes fields; its outputs are scalar means over the batch.
///
/// @param fields the tensors of an example
/// @param batchSize the examples of a full batch; the last batch of an epoch may be shorter
/// @param steps the entries that run, in order
/// @param metrics the entry that computes the metrics, or empty
/// @param seed the seed of shuffling and keys
/// @param epochs how often all examples are walked
/// @param holdout how many examples at the end of the data are kept for testing
public record TrainingSpec(
    List<Field> fields,
    int batchSize,
    List<Step> steps,
    String metrics,
    long seed,
    int epochs,
    long holdout) {
  public TrainingSpec {
    fields = List.copyOf(fields);
    steps = List.copyOf(steps);
  }

  /// An entry that runs `times` on each batch.
  public record Step(String entry, int times) {}

  /// The same training for another number of epochs.
  public TrainingSpec withEpochs(int other) {
    return new TrainingSpec(fields, batchSize, steps, metrics, seed, other, holdout);
  }
}
