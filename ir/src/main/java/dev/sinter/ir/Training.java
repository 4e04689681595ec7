package dev.sinter.ir;

import java.util.List;

/// How a model is trained: which entries run on each batch, and what is fed to them.
///
/// Each step is an entry of the [ModelGraph]. Its arguments are fields of the data by name, and, if
/// it has them, `iteration` (`i32[]`, counted from 1) and `key` (`u32[2]`). Its results are the
/// losses by name.
///
/// @param data the fields of an example batch, each with the batch symbol as first size
/// @param batchSymbol the symbol that is the number of examples in a batch
/// @param batchSize how many examples a full batch has
/// @param steps run in this order on each batch
/// @param metricsEntry the entry that computes the metrics (means over the batch), or empty
/// @param model the member path of the model that is saved; empty if the members are saved as they
///   are
/// @param seed the seed of initial values, shuffling and keys
/// @param epochs how often the data is walked unless the caller says otherwise
/// @param holdout how many examples at the end of the data are kept for testing
public record Training(
    List<Field> data,
    String batchSymbol,
    long batchSize,
    List<Step> steps,
    String metricsEntry,
    String model,
    long seed,
    int epochs,
    long holdout) {
  public Training {
    data = List.copyOf(data);
    steps = List.copyOf(steps);
  }

  /// A named tensor of each batch.
  ///
  /// @param source where its values come from, such as `digits.csv#0..64`; empty where the text
  ///   does not say
  public record Field(String name, TensorType type, String source) {}

  /// An entry that runs `times` on each batch.
  public record Step(String entry, int times) {}
}
