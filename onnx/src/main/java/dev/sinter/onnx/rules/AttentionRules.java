package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Softmax;
import dev.sinter.onnx.GraphImport;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Attention as ONNX has it: in one operator with masks and caches, and with graphs inside that
/// change scores and weights.
final class AttentionRules {
  /// What the fourth output of `Attention` holds.
  private static final int CAPPED = 1;

  private static final int BIASED = 2;
  private static final int WEIGHTS = 3;

  private AttentionRules() {}

  static void addTo(OpRules rules) {
    rules.add("Attention", AttentionRules::attention);
    rules.add("ai.onnx.preview", "FlexAttention", AttentionRules::flexible);
  }

  private static List<Operand> attention(OpContext op) {
    boolean packed = op.type(0).rank() == 3;
    Value q = packed ? Heads.apart(op, op.in(0), op.integer("q_num_heads", 0)) : op.in(0);
    Value newKey = packed ? Heads.apart(op, op.in(1), op.integer("kv_num_heads", 0)) : op.in(1);
    Value newValue = packed ? Heads.apart(op, op.in(2), op.integer("kv_num_heads", 0)) : op.in(2);
    boolean cached = op.has(4);
    Value key = cached ? op.add(new Concat(2), op.in(4), newKey) : newKey;
    Value value = cached ? op.add(new Concat(2), op.in(5), newValue) : newValue;
    Heads heads = new Heads(op, q, key, value);
    AttentionMask mask =
        new AttentionMask(
            op,
            op.has(3) ? Optional.of(op.in(3)) : Optional.empty(),
            op.has(6) ? Optional.of(op.in(6)) : Optional.empty(),
            op.flag("is_causal", false),
            op.integer("left_window_size", -1),
            op.integer("right_window_size", -1),
            cached ? op.type(4).dim(2) : Dim.ZERO);
    double cap = op.real("softcap", 0);
    double scale = op.real("scale", Heads.scale(op, heads.q().type().dim(3)));
    boolean plain = cap == 0 && !op.wants(3) && !op.hasAttribute("softmax_precision");
    List<Value> out = new ArrayList<>();
    if (plain && mask.isVisibility()) {
      out.add(whole(heads, mask, scale));
    } else {
      out.addAll(inSteps(op, heads, mask, scale, cap));
    }
    DType dtype = op.type(0).dtype();
    Value y = op.cast(out.getFirst(), dtype);
    List<Operand> results = new ArrayList<>(op.out(packed ? Heads.packed(op, y) : y, key, value));
    if (out.size() > 1) {
      results.addAll(op.out(op.cast(out.get(1), dtype)));
    }
    return results;
  }

  /// The operator of Sinter's own, for which targets have a schedule. Queries that see no key give
  /// zeros.
  static Value whole(Heads heads, AttentionMask mask, double scale) {
    OpContext op = heads.op();
    List<Value> operands = new ArrayList<>(List.of(heads.grouped(), heads.k(), heads.v()));
    Optional<Value> start = mask.start();
    start.ifPresent(operands::add);
    Optional<Value> seen = mask.seen(heads.scoreShape());
    seen.ifPresent(s -> operands.add(op.reshape(s, heads.inGroups(heads.scoreShape()))));
    Attention attention = new Attention(start.isPresent(), seen.isPresent(), scale);
    Value y = op.builder().add(attention, operands, List.of(), "").result(0);
    List<Dim> shape = new ArrayList<>(heads.q().type().shape());
    shape.set(3, heads.v().type().dim(3));
    Value apart = op.reshape(y, shape);
    if (seen.isEmpty()) {
      return apart;
    }
    Value some = Reduce.of(op.builder(), Reducer.ANY, List.of(3), seen.get());
    Value spread = op.add(new Broadcast(List.of(0, 1, 2), shape), some);
    return op.add(Pointwise.SELECT, spread, apart, op.fill(apart.type().dtype(), 0, shape));
  }

  /// Scores, bias, softmax and sum one by one; then what the fourth output asks for.
  static List<Value> inSteps(
      OpContext op, Heads heads, AttentionMask mask, double scale, double cap) {
    return inSteps(op, heads, mask, scale, cap, Optional.empty());
  }

  /// The same, where a softmax also counts a score that no key has.
  ///
  /// @param sinks that score for each head of queries
  static List<Value> inSteps(
      OpContext op,
      Heads heads,
      AttentionMask mask,
      double scale,
      double cap,
      Optional<Value> sinks) {
    Value raw = heads.scores(scale);
    List<Dim> shape = heads.scoreShape();
    DType wide = raw.type().dtype();
    Value capped =
        cap == 0
            ? raw
            : op.add(
                Pointwise.MUL,
                op.add(Pointwise.TANH, op.add(Pointwise.DIV, raw, op.fill(wide, cap, shape))),
                op.fill(wide, cap, shape));
    Value biased = mask.on(capped);
    DType precision = precision(op).orElse(wide);
    Value weights =
        sinks.isPresent()
            ? weights(op, op.cast(biased, precision), sinks.get())
            : weights(op, biased, precision);
    Value y = heads.sum(op.cast(weights, wide));
    Value shown =
        switch ((int) op.integer("qk_matmul_output_mode", 0)) {
          case CAPPED -> capped;
          case BIASED -> biased;
          case WEIGHTS -> weights;
          default -> raw;
        };
    return List.of(y, shown);
  }

  private static Optional<DType> precision(OpContext op) {
    return op.hasAttribute("softmax_precision")
        ? OnnxTypes.of((int) op.integer("softmax_precision", 1))
        : Optional.empty();
  }

  /// The softmax of the last axis; zeros where all scores are -inf.
  static Value weights(OpContext op, Value scores, DType dtype) {
    Value x = op.cast(scores, dtype);
    List<Dim> shape = x.type().shape();
    Value largest = Reduce.of(op.builder(), Reducer.MAX, List.of(3), x);
    Value none =
        op.add(
            Pointwise.EQ,
            largest,
            op.fill(dtype, Double.NEGATIVE_INFINITY, largest.type().shape()));
    Value spread = op.add(new Broadcast(List.of(0, 1, 2), shape), none);
    return op.add(Pointwise.SELECT, spread, op.fill(dtype, 0, shape), op.add(new Softmax(3), x));
  }

  /// The softmax of the last axis and one more score for each head.
  private static Value weights(OpContext op, Value scores, Value sinks) {
    List<Dim> shape = scores.type().shape();
    List<Dim> column = List.of(shape.get(0), shape.get(1), shape.get(2), Dim.ONE);
    Value sink = op.cast(sinks, scores.type().dtype());
    Value last = op.add(new Broadcast(List.of(1), column), sink);
    Value all = op.add(new Softmax(3), op.add(new Concat(3), scores, last));
    return Slice.of(op.builder(), all, 3, Dim.ZERO, shape.get(3));
  }

  private static List<Operand> flexible(OpContext op) {
    Heads heads = new Heads(op, op.in(0), op.in(1), op.in(2));
    DType dtype = op.type(0).dtype();
    Value scores = heads.scores(op.real("scale", Heads.scale(op, heads.q().type().dim(3))));
    DType precision = precision(op).orElse(dtype == DType.F64 ? DType.F64 : DType.F32);
    Value changed = modified(op, "score_mod", op.cast(scores, precision));
    Value weights = modified(op, "prob_mod", op.add(new Softmax(3), changed));
    return op.out(op.cast(heads.sum(weights), dtype));
  }

  /// What the graph under `attribute`, if there is one, makes of a value.
  private static Value modified(OpContext op, String attribute, Value value) {
    if (!op.hasAttribute(attribute)) {
      return value;
    }
    OnnxGraph graph = op.graph(attribute);
    GraphImport body = op.inside(op.builder());
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw op.fail(attribute + " takes and gives one tensor");
    }
    body.define(graph.inputs().getFirst().name(), value);
    Value result = body.body(graph).getFirst().value();
    if (!result.type().equals(value.type())) {
      throw op.fail("%s makes %s of %s".formatted(attribute, result.type(), value.type()));
    }
    return result;
  }
}
