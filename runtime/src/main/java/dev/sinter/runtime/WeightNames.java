package dev.sinter.runtime;

import dev.sinter.runtime.files.Safetensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The names that a model has for the tensors of weight files: each goes by the first [Rename] that
/// speaks of it, and else keeps its own.
///
/// A file that Sinter wrote has the model's names already, and its metadata says so.
public record WeightNames(List<Rename> renames) {
  /// Files call everything as the model does.
  public static final WeightNames SAME = new WeightNames(List.of());

  /// Metadata of files whose tensors have the model's names.
  public static final Map<String, String> WRITTEN = Map.of("format", "sinter");

  /// Copies the list.
  public WeightNames {
    renames = List.copyOf(renames);
  }

  /// The tensors of `file` under the model's names.
  ///
  /// @throws ModelException if two of them get one name
  public Map<String, Tensor> of(Safetensors file) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    Map<String, String> before = new LinkedHashMap<>();
    boolean written = file.metadata().entrySet().containsAll(WRITTEN.entrySet());
    file.tensors()
        .forEach((name, tensor) -> {
          Optional<Rename> rename =
              written
                  ? Optional.empty()
                  : renames.stream().filter(r -> r.of(name).isPresent()).findFirst();
          String own = rename.flatMap(r -> r.of(name)).orElse(name);
          String other = before.putIfAbsent(own, name);
          if (other != null) {
            throw new ModelException(
                "both %s and %s of the weights' file are %s in the model"
                    .formatted(other, name, own));
          }
          named.put(own, rename.map(r -> r.turned(tensor, name)).orElse(tensor));
        });
    return named;
  }
}
