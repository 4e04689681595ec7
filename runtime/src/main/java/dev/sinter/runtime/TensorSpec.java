package dev.sinter.runtime;

import java.util.List;

/// A tensor that an entry takes or gives: its name, dtype and dims as text, `64` or `N` or `2*N`.
public record TensorSpec(String name, DType dtype, List<String> dims) {
  /// Copies the dims.
  public TensorSpec {
    dims = List.copyOf(dims);
  }

  /// The number of dims.
  public int rank() {
    return dims.size();
  }

  /// Dtype and dims: `f32[N, 64]`.
  public String type() {
    return dtype + "[" + String.join(", ", dims) + "]";
  }

  /// Name and type: `image f32[N, 64]`.
  @Override
  public String toString() {
    return Words.quote(name) + " " + type();
  }
}
