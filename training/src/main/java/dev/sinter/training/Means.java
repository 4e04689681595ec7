package dev.sinter.training;

import dev.sinter.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// Means of named scalars over examples, from their means over batches.
final class Means {
  private static final class Mean {
    private double sum;
    private long examples;
  }

  private final Map<String, Mean> means = new LinkedHashMap<>();

  /// Adds the means over `examples` examples.
  void add(Map<String, Tensor> batch, long examples) {
    batch.forEach((name, value) -> {
      Mean mean = means.computeIfAbsent(name, n -> new Mean());
      mean.sum += value.getDouble(0) * examples;
      mean.examples += examples;
    });
  }

  Map<String, Double> values() {
    Map<String, Double> out = new LinkedHashMap<>();
    means.forEach((name, mean) -> out.put(name, mean.sum / mean.examples));
    return out;
  }
}
