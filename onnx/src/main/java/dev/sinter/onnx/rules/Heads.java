package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.List;

/// Queries, keys and values of an attention with their heads apart: `[batch, heads, places, size]`.
/// There may be several query heads for each head of keys and values; those that share one are
/// neighbours.
///
/// @param op where nodes go
/// @param q the queries
/// @param k the keys
/// @param v the values
record Heads(OpContext op, Value q, Value k, Value v) {
  private static final List<Integer> HEADS_FIRST = List.of(0, 2, 1, 3);

  Heads {
    boolean fits =
        q.type().rank() == 4
            && k.type().rank() == 4
            && v.type().rank() == 4
            && q.type().dim(0).equals(k.type().dim(0))
            && q.type().dim(3).equals(k.type().dim(3))
            && v.type().shape().subList(0, 3).equals(k.type().shape().subList(0, 3))
            && k.type().dim(1).times(group(q, k)).equals(q.type().dim(1));
    if (!fits) {
      throw op.fail(
          "is an attention of queries %s, keys %s and values %s"
              .formatted(q.type(), k.type(), v.type()));
    }
  }

  /// `[batch, places, heads * size]` as `[batch, heads, places, size]`.
  static Value apart(OpContext op, Value packed, long heads) {
    Dim width = packed.type().dim(2);
    Dim size = width.floorDiv(Math.max(heads, 1));
    if (heads < 1 || !size.times(heads).equals(width)) {
      throw op.fail("has %d heads of %s".formatted(heads, packed.type()));
    }
    Dim batch = packed.type().dim(0);
    Dim places = packed.type().dim(1);
    Value split = op.reshape(packed, List.of(batch, places, Dim.of(heads), size));
    return op.add(new Transpose(HEADS_FIRST), split);
  }

  /// `[batch, heads, places, size]` as `[batch, places, heads * size]`.
  static Value packed(OpContext op, Value apart) {
    Value rows = op.add(new Transpose(HEADS_FIRST), apart);
    List<Dim> shape = rows.type().shape();
    return op.reshape(rows, List.of(shape.get(0), shape.get(1), shape.get(2).times(shape.get(3))));
  }

  /// The factor of scores by default, for heads of a size, which has to be known.
  static double scale(OpContext op, Dim size) {
    double known = op.constants(List.of(size)).getFirst();
    return 1 / Math.sqrt(known);
  }

  private static Dim group(Value q, Value k) {
    Dim heads = k.type().dim(1);
    return heads.is(0) ? Dim.ZERO : q.type().dim(1).floorDiv(heads);
  }

  /// How many heads of queries share one of keys.
  Dim group() {
    return group(q, k);
  }

  /// The queries as `[batch, heads of keys, group, places, size]`.
  Value grouped() {
    return op.reshape(q, inGroups(q.type().shape()));
  }

  /// Sizes `[batch, heads of queries, ...]` with the heads in their groups.
  List<Dim> inGroups(List<Dim> shape) {
    return List.of(shape.get(0), k.type().dim(1), group(), shape.get(2), shape.get(3));
  }

  /// The sizes of the scores: `[batch, heads of queries, places of queries, places of keys]`.
  List<Dim> scoreShape() {
    return List.of(q.type().dim(0), q.type().dim(1), q.type().dim(2), k.type().dim(2));
  }

  /// `scale * q k^T` for each pair of places, in the type in which the queries are computed with.
  Value scores(double scale) {
    DType wide = q.type().dtype().compute();
    Value product =
        group().is(1)
            ? product("bhtk,bhsk->bhts", op.cast(q, wide), op.cast(k, wide))
            : product("bhgtk,bhsk->bhgts", op.cast(grouped(), wide), op.cast(k, wide));
    Value scores = op.reshape(product, scoreShape());
    return op.add(Pointwise.MUL, scores, op.fill(wide, scale, scoreShape()));
  }

  /// The values summed by weights, which are of the scores' sizes.
  Value sum(Value weights) {
    List<Dim> shape = List.of(q.type().dim(0), q.type().dim(1), q.type().dim(2), v.type().dim(3));
    Value values = op.cast(v, weights.type().dtype());
    if (group().is(1)) {
      return product("bhts,bhsd->bhtd", weights, values);
    }
    Value apart = op.reshape(weights, inGroups(weights.type().shape()));
    return op.reshape(product("bhgts,bhsd->bhgtd", apart, values), shape);
  }

  private Value product(String letters, Value left, Value right) {
    return Contract.of(op.builder(), letters, left, right);
  }
}
