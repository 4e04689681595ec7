package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Rename;
import dev.sinter.runtime.WeightNames;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What a model promises beside its results: how files call its weights, what it may cost at most,
/// what is checked when it is built.
///
/// Bounds of sizes are not here: they are among the facts of the entries.
///
/// @param renames in the order of the text
/// @param limits in the order of the text
/// @param checks in the order of the text
public record Contracts(List<Rename> renames, List<Limit> limits, List<Check> checks) {
  /// Nothing is promised.
  public static final Contracts NONE = new Contracts(List.of(), List.of(), List.of());

  public Contracts {
    renames = List.copyOf(renames);
    limits = List.copyOf(limits);
    checks = List.copyOf(checks);
  }

  /// What is limited.
  public enum Resource {
    /// What a session takes: weights, states, activations.
    MEMORY,
    /// The JAR as it is written.
    JAR
  }

  /// At most so many bytes of a resource.
  ///
  /// @param place where the text says so
  public record Limit(Resource resource, long bytes, Span place) {}

  /// What can be checked when a model is built.
  public enum Property {
    /// Gradients agree with differences.
    GRAD
  }

  /// A check.
  ///
  /// @param place where the text asks for it
  public record Check(Property property, Span place) {}

  /// The tightest limit of `resource`.
  public Optional<Limit> limit(Resource resource) {
    return limits.stream()
        .filter(l -> l.resource() == resource)
        .min(java.util.Comparator.comparingLong(Limit::bytes));
  }

  /// The bytes of memory that a session may take.
  public OptionalLong memory() {
    return limit(Resource.MEMORY).map(l -> OptionalLong.of(l.bytes())).orElse(OptionalLong.empty());
  }

  /// The model's names of a file's tensors.
  public WeightNames weightNames() {
    return new WeightNames(renames);
  }

  /// The contracts of the model at `path` in this one, as if it were on its own.
  public Contracts within(String path) {
    return new Contracts(
        renames.stream().filter(r -> r.isBelow(path)).map(r -> r.within(path)).toList(),
        limits,
        checks);
  }

  /// The same without places, for comparing.
  public Contracts unplaced() {
    return new Contracts(
        renames,
        limits.stream().map(l -> new Limit(l.resource(), l.bytes(), Span.NONE)).toList(),
        checks.stream().map(c -> new Check(c.property(), Span.NONE)).toList());
  }
}
