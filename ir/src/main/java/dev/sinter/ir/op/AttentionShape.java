package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.stream.IntStream;

/// The axes of an attention's operands as letters of [Contract], and what its derivative computes
/// again.
///
/// @param query the letters of the queries' leading axes
/// @param key the letters of the keys' leading axes, with which `query` begins
record AttentionShape(boolean causal, boolean masked, String query, String key) {
  private static final String LETTERS = "abcefghijlmnopqr";

  /// @throws OpException if the operands are none of an attention
  static AttentionShape of(Composite op, boolean causal, boolean masked, List<Value> operands) {
    List<TensorType> types = operands.stream().map(Value::type).toList();
    int count = 3 + (causal ? 1 : 0) + (masked ? 1 : 0);
    OpException.checkCount(op, types, count, count);
    int query = types.get(0).rank() - 2;
    int key = types.get(1).rank() - 2;
    if (key < 0 || query < key || types.get(2).rank() != key + 2 || query > LETTERS.length()) {
      throw new OpException("attention of " + types.subList(0, 3));
    }
    if (causal && (types.get(3).rank() != 0 || !types.get(3).dtype().isInteger())) {
      throw new OpException("attention starts at an integer scalar, not at " + types.get(3));
    }
    return new AttentionShape(
        causal, masked, LETTERS.substring(0, query), LETTERS.substring(0, key));
  }

  /// `scale * q k^T`, and -inf where a query does not see a key.
  Value scores(GraphBuilder b, double scale, List<Value> operands) {
    Value q = operands.get(0);
    Value product = Contract.of(b, query + "tk," + key + "sk->" + query + "ts", q, operands.get(1));
    Value wide = Cast.to(b, product, q.type().dtype().compute());
    Value scores = b.add(Pointwise.MUL, wide, b.fill(wide.type(), scale));
    if (causal) {
      scores = seen(b, causal(b, scores, operands.get(3)), scores);
    }
    if (masked) {
      Value mask = operands.getLast();
      int added = scores.type().rank() - mask.type().rank();
      if (added < 0 || mask.type().dtype() != DType.BOOL) {
        throw new OpException("attention by a mask " + mask.type() + " of scores " + scores.type());
      }
      List<Integer> leading = IntStream.range(0, added).boxed().toList();
      scores = seen(b, Broadcast.over(b, mask, leading, scores), scores);
    }
    return scores;
  }

  private static Value causal(GraphBuilder b, Value scores, Value start) {
    int rank = scores.type().rank();
    DType index = DType.I32;
    TensorType type = scores.type().withDtype(index);
    Value first = b.add(new Broadcast(List.of(), type.shape()), Cast.to(b, start, index));
    Value last = b.add(Pointwise.ADD, first, b.add(new Iota(index, rank - 2, type.shape())));
    return b.add(Pointwise.LE, b.add(new Iota(index, rank - 1, type.shape())), last);
  }

  private static Value seen(GraphBuilder b, Value mask, Value scores) {
    Value hidden = b.fill(scores.type(), Double.NEGATIVE_INFINITY);
    return b.add(Pointwise.SELECT, mask, scores, hidden);
  }

  /// From weights and values to results.
  String out() {
    return query + "ts," + key + "sd->" + query + "td";
  }

  /// From the results' cotangents and values to the weights'.
  String dWeights() {
    return query + "td," + key + "sd->" + query + "ts";
  }

  /// From the scores' cotangents and keys to the queries'.
  String dQuery() {
    return query + "ts," + key + "sk->" + query + "tk";
  }

  /// From the scores' cotangents and queries to the keys'.
  String dKey() {
    return query + "ts," + query + "tk->" + key + "sk";
  }

  /// From the weights and the results' cotangents to the values'.
  String dValue() {
    return query + "ts," + query + "td->" + key + "sd";
  }
}
