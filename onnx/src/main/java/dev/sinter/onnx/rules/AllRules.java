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
    MicrosoftRules.addTo(rules);
    MicrosoftFusedRules.addTo(rules);
    MicrosoftQuantRules.addTo(rules);
    SequenceRules.addTo(rules);
    ShapeRules.addTo(rules);
    PartRules.addTo(rules);
    PadRules.addTo(rules);
    CreateRules.addTo(rules);
    GatherRules.addTo(rules);
    ScatterRules.addTo(rules);
    ChoiceRules.addTo(rules);
    UniqueRule.addTo(rules);
    SuppressionRule.addTo(rules);
    ConvRules.addTo(rules);
    ColumnRules.addTo(rules);
    PoolRules.addTo(rules);
    RegionPoolRules.addTo(rules);
    ResizeRules.addTo(rules);
    GridRules.addTo(rules);
    SignalRules.addTo(rules);
    RandomRules.addTo(rules);
    Determinant.addTo(rules);
    TensorListRules.addTo(rules);
    return rules;
  }
}
