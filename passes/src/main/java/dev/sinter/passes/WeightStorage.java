package dev.sinter.passes;

/// In how much memory the weights of products are kept for a run. Everything is computed in `f32`,
/// whatever they are kept in.
public enum WeightStorage {
  /// As they are.
  F32,
  /// In the upper half of their bits, rounded to the nearest, ties to even: a relative error of
  /// `2^-9` at most, and half the memory to read. Not the filters of fast convolutions.
  BF16,
  /// As integers of 8 bits and a scale for each column, by which the sums are multiplied: each
  /// weight is off by 1/254 of the largest of its column at most, and a quarter of the memory to
  /// read. The weights of contractions only, as [QuantizeWeights] says; what else there is stays as
  /// it is.
  INT8;

  /// Weights of fewer elements stay as they are: they are read from the nearest cache anyway.
  static final long FEWEST = 1 << 12;
}
