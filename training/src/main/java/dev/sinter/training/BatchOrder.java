package dev.sinter.training;

import java.util.Random;

/// The order in which an epoch walks the examples: a shuffle that depends on nothing but the seed
/// and the epoch, so that a training that was interrupted goes on as it would have.
///
/// The shuffle is Fisher and Yates's with the generator that the documentation of [Random]
/// specifies, hence the same on every JVM.
final class BatchOrder {
  private BatchOrder() {}

  static int[] of(int examples, long seed, int epoch) {
    int[] order = new int[examples];
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + epoch);
    for (int i = 0; i < examples; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
