package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.diagnostic.Spelling;
import dev.sinter.runtime.files.StoredTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Where a file of weights and a model do not agree, gathered for one diagnostic.
final class WeightMisfits {
  /// How many of a kind are listed.
  private static final int SHOWN = 12;

  /// Among how many tensors a name is looked for that may have been meant.
  private static final int COMPARED = 2_000;

  private static final int LONGEST_NAME = 120;

  private final Map<String, TensorType> missing = new LinkedHashMap<>();
  private final Map<String, StoredTensor> unexpected = new LinkedHashMap<>();
  private final Map<ModelGraph.Parameter, StoredTensor> others = new LinkedHashMap<>();

  /// Whether a tensor's values can be a parameter's.
  static boolean fits(StoredTensor tensor, TensorType type) {
    boolean fits = tensor.canBecome(type.dtype()) && tensor.rank() == type.rank();
    for (int axis = 0; fits && axis < type.rank(); axis++) {
      fits = !type.dim(axis).isConstant() || type.dim(axis).is(tensor.dim(axis));
    }
    return fits;
  }

  /// The file has no tensor for a parameter.
  void missing(ModelGraph.Parameter parameter) {
    missing.put(parameter.name(), parameter.type());
  }

  /// The model has no parameter for a tensor.
  void unexpected(String name, StoredTensor tensor) {
    unexpected.put(name, tensor);
  }

  /// The tensor of a parameter's name is of another type.
  void other(ModelGraph.Parameter parameter, StoredTensor tensor) {
    others.put(parameter, tensor);
  }

  /// What is wrong, if anything is.
  ///
  /// @param nothing whether no tensor fits at all
  Optional<Diagnostic> diagnostic(String file, Span place, boolean nothing) {
    if (missing.isEmpty() && unexpected.isEmpty() && others.isEmpty()) {
      return Optional.empty();
    }
    Diagnostic fault =
        Diagnostic.error(
            DiagnosticCode.WEIGHTS_MISFIT,
            place,
            "%s does not fit the model: %d missing, %d unexpected, %d of another type"
                .formatted(file, missing.size(), unexpected.size(), others.size()));
    Map<String, String> meant = meant();
    fault =
        listed(
            fault,
            "missing",
            missing,
            entry ->
                "%s: %s%s"
                    .formatted(
                        shown(entry.getKey()),
                        entry.getValue(),
                        meant.containsKey(entry.getKey())
                            ? "; the file has %s".formatted(meant.get(entry.getKey()))
                            : ""));
    fault =
        listed(
            fault,
            "unexpected",
            unexpected,
            entry -> "%s: %s".formatted(shown(entry.getKey()), entry.getValue().type()));
    fault =
        listed(
            fault,
            "of another type",
            others,
            entry ->
                "%s is %s in the file, %s in the model"
                    .formatted(
                        entry.getKey().name(), entry.getValue().type(), entry.getKey().type()));
    Optional<String> rule = prefixRule(nothing).or(this::turningRule).or(this::leavingRule);
    return Optional.of(
        rule.isEmpty()
            ? fault
            : fault.help(
                "a rule says how the file calls a weight: `--rename '%s'`".formatted(rule.get())));
  }

  private static <K, V> Diagnostic listed(
      Diagnostic fault, String kind, Map<K, V> all, Function<Map.Entry<K, V>, String> text) {
    List<String> lines = new ArrayList<>();
    all.entrySet().stream().limit(SHOWN).map(text).forEach(lines::add);
    if (lines.isEmpty()) {
      return fault;
    }
    if (all.size() > SHOWN) {
      lines.add("and %d more".formatted(all.size() - SHOWN));
    }
    return fault.note(kind + ":\n  " + String.join("\n  ", lines));
  }

  /// For parameters that are listed, the tensor whose name is most alike.
  private Map<String, String> meant() {
    List<String> names = unexpected.keySet().stream().limit(COMPARED).toList();
    Map<String, String> meant = new HashMap<>();
    missing.entrySet().stream()
        .limit(SHOWN)
        .forEach(parameter -> {
          List<String> same =
              names.stream().filter(n -> fits(unexpectedOf(n), parameter.getValue())).toList();
          Spelling.nearest(parameter.getKey(), same)
              .or(() -> longestEnd(parameter.getKey(), same))
              .or(() -> Spelling.nearest(parameter.getKey(), names))
              .ifPresent(name ->
                  meant.put(parameter.getKey(), shown(name) + ": " + unexpectedOf(name).type()));
        });
    return meant;
  }

  /// The name that ends in most parts as `name` does.
  private static Optional<String> longestEnd(String name, List<String> known) {
    return known.stream()
        .filter(k -> commonEnd(name, k) > 0)
        .max(Comparator.comparingInt((String k) -> commonEnd(name, k)));
  }

  private static int commonEnd(String a, String b) {
    List<String> first = List.of(a.split("\\.", -1)).reversed();
    List<String> second = List.of(b.split("\\.", -1)).reversed();
    int most = Math.min(first.size(), second.size());
    int count = 0;
    while (count < most && first.get(count).equals(second.get(count))) {
      count++;
    }
    return count;
  }

  /// The rule that takes away or adds the same parts at the beginning of most names.
  private Optional<String> prefixRule(boolean nothing) {
    Map<String, Integer> rules = new LinkedHashMap<>();
    unexpected.forEach((name, tensor) -> {
      for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
        TensorType wanted = missing.get(name.substring(dot + 1));
        if (wanted != null && fits(tensor, wanted)) {
          rules.merge(name.substring(0, dot) + ".{p} -> {p}", 1, Integer::sum);
        }
      }
    });
    if (nothing) {
      missing.forEach((name, type) -> {
        for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
          StoredTensor tensor = unexpected.get(name.substring(dot + 1));
          if (tensor != null && fits(tensor, type)) {
            rules.merge("{p} -> " + name.substring(0, dot) + ".{p}", 1, Integer::sum);
          }
        }
      });
    }
    return rules.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .filter(rule -> rule.length() <= LONGEST_NAME);
  }

  /// The rule that turns a matrix whose sizes are the wrong way round.
  private Optional<String> turningRule() {
    return others.entrySet().stream()
        .filter(entry -> {
          TensorType type = entry.getKey().type();
          StoredTensor tensor = entry.getValue();
          return type.rank() == 2
              && tensor.rank() == 2
              && IntStream.range(0, 2).allMatch(i -> type.dim(i).is(tensor.dim(1 - i)));
        })
        .findFirst()
        .map(entry ->
            "%s -> %s with rearrange{a b -> b a}"
                .formatted(entry.getKey().name(), entry.getKey().name()));
  }

  /// The rule that leaves out what is unexpected, where that is all there is.
  private Optional<String> leavingRule() {
    if (unexpected.isEmpty() || !missing.isEmpty() || !others.isEmpty()) {
      return Optional.empty();
    }
    String name = unexpected.keySet().iterator().next();
    int dot = name.indexOf('.');
    String begin = name.substring(0, dot + 1);
    String end = name.substring(name.lastIndexOf('.') + 1);
    String rule;
    if (unexpected.size() > 1
        && unexpected.keySet().stream().allMatch(n -> n.endsWith("." + end))) {
      rule = "{..p}." + end + " ->";
    } else if (dot > 0
        && unexpected.size() > 1
        && unexpected.keySet().stream().allMatch(n -> n.startsWith(begin))) {
      rule = begin + "{p} ->";
    } else {
      rule = name + " ->";
    }
    return Optional.of(rule).filter(r -> r.length() <= LONGEST_NAME);
  }

  private StoredTensor unexpectedOf(String name) {
    return java.util.Objects.requireNonNull(unexpected.get(name));
  }

  private static String shown(String name) {
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "...";
  }
}
