package dev.sinter.dsl.write;

import dev.sinter.ir.Facts;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.op.Constant;
import dev.sinter.runtime.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// One entry while it is written: the names that it knows, and what is known of its sizes.
///
/// @param shared what all entries of the model share
/// @param locals the names in the function
/// @param facts what is known of its sizes
record Writing(Shared shared, Identifiers locals, Facts facts) {
  /// What all entries of a model share.
  static final class Shared {
    /// More numbers than these say nothing to who reads them.
    private static final int FEW_INTEGERS = 16;

    private static final int FEW_FLOATS = 4;

    final Identifiers names;
    final Map<String, String> parameters = new LinkedHashMap<>();
    final Map<Tensor, String> constants = new LinkedHashMap<>();
    final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final Map<String, String> sizes = new HashMap<>();

    Shared(Identifiers names) {
      this.names = names;
    }

    /// Makes parameters of the constants in `region` that are no few numbers.
    void constants(Region region) {
      for (Node node : region.nodes()) {
        if (node.op() instanceof Constant(Tensor tensor) && !isShort(tensor)) {
          constants.computeIfAbsent(
              tensor,
              t -> {
                String name = names.value(node.name(), "constant");
                weights.put(name, t);
                return name;
              });
        }
        node.regions().forEach(this::constants);
      }
    }

    private static boolean isShort(Tensor tensor) {
      return tensor.size() <= (tensor.dtype().isFloat() ? FEW_FLOATS : FEW_INTEGERS);
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

  /// The name of the parameter that a larger constant is; empty for what is written as it is.
  Optional<String> constant(Tensor tensor) {
    return Optional.ofNullable(shared.constants.get(tensor));
  }
}
