package dev.sinter.dsl.write;

import dev.sinter.ir.Facts;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// One entry while it is written: the names that it knows, and what is known of its sizes.
///
/// @param shared what all entries of the model share
/// @param locals the names in the function
/// @param facts what is known of its sizes
record Writing(Shared shared, Identifiers locals, Facts facts) {
  /// What all entries of a model share.
  static final class Shared {
    final Identifiers names;
    final Map<String, String> parameters = new LinkedHashMap<>();
    final Map<Tensor, String> constants = new HashMap<>();
    final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final Map<String, String> sizes = new HashMap<>();

    Shared(Identifiers names) {
      this.names = names;
    }

    /// The name of a size.
    String size(String symbol) {
      return sizes.computeIfAbsent(symbol, s -> names.capital(s, "D"));
    }
  }

  String size(String symbol) {
    return shared.size(symbol);
  }

  /// A type as it is declared.
  String type(TensorType type) {
    return type.dtype() + "[" + sizes().list(type.shape()) + "]";
  }

  SizeText sizes() {
    return new SizeText(this::size);
  }

  /// The name of the parameter that a larger constant becomes.
  String constant(Tensor tensor, String hint) {
    return shared.constants.computeIfAbsent(
        tensor,
        t -> {
          String name = shared.names.value(hint, "constant");
          shared.weights.put(name, t);
          return name;
        });
  }
}
