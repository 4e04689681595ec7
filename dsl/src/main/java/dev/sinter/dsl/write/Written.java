package dev.sinter.dsl.write;

import dev.sinter.runtime.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A model as text.
///
/// @param text in the canonical form
/// @param model what the text calls the model
/// @param names what the text calls each parameter of the model
/// @param weights the values that came with the model, by their names in the text
public record Written(
    String text, String model, Map<String, String> names, Map<String, Tensor> weights) {
  public Written {
    names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
  }
}
