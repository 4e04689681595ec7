package dev.sinter.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// The rules by operator.
public final class OpRules {
  private final Map<String, OpRule> rules = new HashMap<>();

  /// No rules yet.
  public OpRules() {}

  /// Adds a rule for an operator of ONNX's own domain.
  public void add(String opType, OpRule rule) {
    add("", opType, rule);
  }

  /// Adds a rule for an operator of `domain`.
  public void add(String domain, String opType, OpRule rule) {
    if (rules.put(key(domain, opType), rule) != null) {
      throw new IllegalArgumentException("two rules for " + key(domain, opType));
    }
  }

  /// The rule for an operator, if there is one.
  Optional<OpRule> find(String domain, String opType) {
    return Optional.ofNullable(rules.get(key(domain, opType)));
  }

  /// The names of all operators that have a rule.
  public SortedSet<String> names() {
    return new TreeSet<>(rules.keySet());
  }

  private static String key(String domain, String opType) {
    return domain.isEmpty() || domain.equals("ai.onnx") ? opType : domain + ":" + opType;
  }
}
