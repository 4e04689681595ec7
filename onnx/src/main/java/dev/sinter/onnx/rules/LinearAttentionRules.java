package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Attention that keeps a matrix of fixed size for each head in the place of all keys and values,
/// place after place. Source: Katharopoulos et al. 2020; with gates and the delta rule, Yang et al.
/// 2024.
final class LinearAttentionRules {
  private LinearAttentionRules() {}

  static void addTo(OpRules rules) {
    rules.add("LinearAttention", LinearAttentionRules::linearAttention);
  }

  private static List<Operand> linearAttention(OpContext op) {
    String rule = op.text("update_rule", "gated_delta");
    if (!List.of("linear", "gated", "delta", "gated_delta").contains(rule)) {
      throw op.fail("has the update rule " + rule);
    }
    long queryHeads = op.integer("q_num_heads", 0);
    long heads = op.integer("kv_num_heads", 0);
    if (heads < 1 || queryHeads % heads != 0 || queryHeads < 1) {
      throw op.fail("has %d heads of queries for %d of keys".formatted(queryHeads, heads));
    }
    DType dtype = op.type(0).dtype();
    Value query = steps(op, 0, queryHeads);
    Value key = steps(op, 1, heads);
    Value value = steps(op, 2, heads);
    Dim batch = query.type().dim(1);
    Dim keySize = key.type().dim(3);
    List<Dim> stateShape = List.of(batch, Dim.of(heads), keySize, value.type().dim(3));
    Value first = op.has(3) ? op.cast(op.in(3), DType.F32) : op.fill(DType.F32, 0, stateShape);
    double scale = op.real("scale", 0);
    if (scale == 0) {
      scale = Heads.scale(op, keySize);
    }
    List<Dim> grouped =
        List.of(query.type().dim(0), batch, Dim.of(heads), Dim.of(queryHeads / heads), keySize);
    Value asked =
        op.reshape(
            op.add(Pointwise.MUL, query, op.fill(DType.F32, scale, query.type().shape())), grouped);
    List<Value> walked = new ArrayList<>(List.of(asked, key, value));
    boolean gated = rule.startsWith("gated");
    boolean delta = rule.endsWith("delta");
    if (gated) {
      Value decay = steps(op, 4, heads);
      walked.add(decay.type().dim(3).equals(keySize) ? decay : repeated(op, decay, keySize));
    }
    if (delta) {
      boolean shared = op.type(5).dim(2).is(1);
      Value beta = steps(op, 5, shared ? 1 : heads);
      List<Dim> shape = value.type().shape();
      walked.add(op.broadcast(beta, shape));
    }
    Node loop =
        Turns.scan(
            op.builder(),
            query.type().dim(0),
            List.of(first),
            walked,
            (b, turn, carried, now) -> turn(b, carried.getFirst(), now, gated, delta));
    Value y = loop.result(1);
    List<Dim> out =
        List.of(query.type().dim(0), batch, Dim.of(queryHeads).times(value.type().dim(3)));
    Value rows = op.add(new Transpose(List.of(1, 0, 2)), op.reshape(y, out));
    DType kept = op.has(3) ? op.type(3).dtype() : dtype;
    return op.out(op.cast(rows, dtype), op.cast(loop.result(0), kept));
  }

  /// `[batch, places, heads * size]` as `[places, batch, heads, size]` of `f32`.
  private static Value steps(OpContext op, int input, long heads) {
    Value packed = op.in(input);
    if (packed.type().rank() != 3) {
      throw op.fail("takes tensors of three axes, not " + packed.type());
    }
    Value apart = Heads.apart(op, op.cast(packed, DType.F32), heads);
    return op.add(new Transpose(List.of(2, 0, 1, 3)), apart);
  }

  private static Value repeated(OpContext op, Value single, Dim size) {
    List<Dim> shape = new ArrayList<>(single.type().shape());
    shape.set(3, size);
    return op.broadcast(single, shape);
  }

  /// The next state, and what the queries find in it.
  private static List<Value> turn(
      GraphBuilder b, Value before, List<Value> now, boolean gated, boolean delta) {
    List<Dim> shape = before.type().shape();
    Value query = now.get(0);
    Value key = now.get(1);
    Value value = now.get(2);
    Value state = before;
    if (gated) {
      Value kept = b.add(new Broadcast(List.of(0, 1, 2), shape), b.add(Pointwise.EXP, now.get(3)));
      state = b.add(Pointwise.MUL, state, kept);
    }
    if (delta) {
      Value found = Contract.of(b, "bhkv,bhk->bhv", state, key);
      value = b.add(Pointwise.MUL, now.getLast(), b.add(Pointwise.SUB, value, found));
    }
    Value keys = b.add(new Broadcast(List.of(0, 1, 2), shape), key);
    Value values = b.add(new Broadcast(List.of(0, 1, 3), shape), value);
    Value next = b.add(Pointwise.FMA, keys, values, state);
    return List.of(next, Contract.of(b, "bhkv,bhgk->bhgv", next, query));
  }
}
