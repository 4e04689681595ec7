package dev.sinter.runtime;

import dev.sinter.runtime.files.StoredTensor;
import dev.sinter.runtime.files.Weights;
import java.util.ArrayList;
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

  /// The tensors of `file` under the model's names, without those that are left out.
  ///
  /// @throws ModelException if two of them get one name
  public Map<String, StoredTensor> of(Weights file) {
    return of(file, List.of());
  }

  /// The tensors of `file` under the model's names, without those that are left out.
  ///
  /// @param first rules of whoever asks, which come before the model's own and hold for files that
  ///   Sinter wrote, too
  /// @throws ModelException if two of them get one name
  public Map<String, StoredTensor> of(Weights file, List<Rename> first) {
    boolean written = file.metadata().entrySet().containsAll(WRITTEN.entrySet());
    List<Rename> rules = new ArrayList<>(first);
    rules.addAll(written ? List.of() : renames);
    Map<String, StoredTensor> named = new LinkedHashMap<>();
    Map<String, String> before = new LinkedHashMap<>();
    file.tensors()
        .forEach((name, tensor) -> {
          Optional<Rename> rule = rules.stream().filter(r -> r.of(name).isPresent()).findFirst();
          if (rule.isPresent() && rule.get().leavesOut()) {
            return;
          }
          String own = rule.flatMap(r -> r.of(name)).orElse(name);
          String other = before.putIfAbsent(own, name);
          if (other != null) {
            throw new ModelException(
                "both %s and %s of the weights' file are %s in the model"
                    .formatted(other, name, own));
          }
          named.put(own, rule.map(r -> r.turned(tensor, name)).orElse(tensor));
        });
    return named;
  }
}
