package dev.sinter.onnx.rules;

import dev.sinter.onnx.OpRules;

/// The rules of all families.
public final class AllRules {
  /// Every operator that Sinter reads.
  public static final OpRules RULES = rules();

  private AllRules() {}

  private static OpRules rules() {
    OpRules rules = new OpRules();
    ElementRules.addTo(rules);
    return rules;
  }
}
