package dev.sinter.passes;

/// In how much memory the weights of products are kept for a run. Everything is computed in `f32`,
/// whatever they are kept in.
public enum WeightStorage {
  /// As they are.
  F32,
  /// In the upper half of their bits, rounded to the nearest, ties to even: a relative error of
  /// `2^-9` at most, and half the memory to read. Not the filters of fast convolutions.
  BF16
}
