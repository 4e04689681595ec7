package dev.sinter.runtime;

import java.util.List;
import java.util.OptionalDouble;

/// A tensor that a session keeps from call to call.
///
/// Its first value is the weights' tensor of its name; without one, the initializer where that is
/// `zeros()`, `ones()` or a number; otherwise it must be set before it is used.
///
/// @param dims as text; one with a symbol takes its size from the first call that reaches it
/// @param trained whether it is a parameter of the model, rather than a statistic, cache or
///   optimizer slot
public record StateSpec(
    String name, DType dtype, List<String> dims, String initializer, boolean trained) {
  /// Copies the dims.
  public StateSpec {
    dims = List.copyOf(dims);
  }

  /// Dtype and dims: `f32[N, 64]`.
  public String type() {
    return dtype + "[" + String.join(", ", dims) + "]";
  }

  /// The value that all elements begin with, where the initializer is a constant.
  public OptionalDouble constant() {
    return switch (initializer) {
      case "zeros()" -> OptionalDouble.of(0);
      case "ones()" -> OptionalDouble.of(1);
      default -> {
        try {
          yield OptionalDouble.of(Double.parseDouble(initializer));
        } catch (NumberFormatException notANumber) {
          yield OptionalDouble.empty();
        }
      }
    };
  }

  /// Name, type, initializer and whether it is trained.
  @Override
  public String toString() {
    return "%s %s = %s".formatted(Words.quote(name), type(), initializer);
  }
}
