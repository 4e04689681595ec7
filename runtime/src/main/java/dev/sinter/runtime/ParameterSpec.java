package dev.sinter.runtime;

import java.util.List;

/// A tensor that a program reads from the weights when it is loaded and never writes.
///
/// @param initializer how the source gives its first value, such as `normal(std = 0.02)`; for
///   people and for training
public record ParameterSpec(String name, DType dtype, List<Long> shape, String initializer) {
  /// Copies the shape.
  public ParameterSpec {
    shape = List.copyOf(shape);
  }

  /// The dims as an array.
  public long[] dims() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  /// Name, type and initializer.
  @Override
  public String toString() {
    return "%s %s%s = %s".formatted(Words.quote(name), dtype, shape, initializer);
  }
}
