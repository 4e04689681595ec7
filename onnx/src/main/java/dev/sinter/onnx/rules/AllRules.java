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
    LogicRules.addTo(rules);
    ActivationRules.addTo(rules);
    TrigRules.addTo(rules);
    ReduceRules.addTo(rules);
    ScanRules.addTo(rules);
    LossRules.addTo(rules);
    NormRules.addTo(rules);
    BatchRules.addTo(rules);
    MatrixRules.addTo(rules);
    QuantRules.addTo(rules);
    ControlRules.addTo(rules);
    AttentionRules.addTo(rules);
    RecurrentRules.addTo(rules);
    LinearAttentionRules.addTo(rules);
    RotaryRules.addTo(rules);
    SequenceRules.addTo(rules);
    return rules;
  }
}
