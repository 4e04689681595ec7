package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Attention as ONNX Runtime has it: with the projection inside, or of heads; masks are integers,
/// whose zeros add a large negative number to scores.
final class MicrosoftAttention {
  private final OpContext op;
  private final long heads;

  MicrosoftAttention(OpContext op) {
    this.op = op;
    this.heads = op.integer("num_heads", 0);
    if (heads < 1) {
      throw op.fail("has %d heads".formatted(heads));
    }
    if (op.flag("do_rotary", false) || op.flag("past_present_share_buffer", false)) {
      throw op.fail("turns positions or shares a buffer, which Sinter does not read yet");
    }
  }

  /// `Attention`: queries, keys and values are products of one input.
  List<Operand> projected() {
    Value product = MatrixRules.product(op, op.in(0), op.in(1));
    return projected(MicrosoftRules.biased(op, product, 2), 3, 4, 5);
  }

  /// `QAttention`: the same of a quantized input and weight.
  List<Operand> quantized() {
    Value product = MicrosoftQuantRules.product(op, op.in(0), 6, op.in(1), 7);
    Value real = MicrosoftQuantRules.scaled(op, product, 3, 4);
    return projected(MicrosoftRules.biased(op, real, 2), 5, 8, 9);
  }

  /// Queries, keys and values beside one another.
  ///
  /// @param mask the input that is the mask
  /// @param cache the input that holds the keys and values of past places
  /// @param bias the input that is added to the scores
  private List<Operand> projected(Value all, int mask, int cache, int bias) {
    Dim width = all.type().dim(2);
    List<Dim> widths =
        op.integers("qkv_hidden_sizes")
            .map(sizes -> sizes.stream().map(Dim::of).toList())
            .orElse(List.of(width.floorDiv(3), width.floorDiv(3), width.floorDiv(3)));
    List<Value> parts = new ArrayList<>();
    Dim start = Dim.ZERO;
    for (Dim part : widths) {
      parts.add(Heads.apart(op, Slice.of(op.builder(), all, 2, start, part), heads));
      start = start.plus(part);
    }
    Dim past = Dim.ZERO;
    if (op.has(cache)) {
      past = op.type(cache).dim(3);
      parts.set(1, op.add(new Concat(2), half(op.in(cache), 0), parts.get(1)));
      parts.set(2, op.add(new Concat(2), half(op.in(cache), 1), parts.get(2)));
    }
    Value y = attended(parts, mask, bias, past);
    Value present = op.add(new Concat(0), single(parts.get(1)), single(parts.get(2)));
    return op.out(y, present);
  }

  private Value half(Value both, int which) {
    Value part = Slice.of(op.builder(), both, 0, Dim.of(which), Dim.ONE);
    return op.reshape(part, part.type().shape().subList(1, part.type().rank()));
  }

  private Value single(Value value) {
    List<Dim> shape = new ArrayList<>(value.type().shape());
    shape.addFirst(Dim.ONE);
    return op.reshape(value, shape);
  }

  /// `MultiHeadAttention`: queries, keys and values come apart, or packed.
  List<Operand> ofHeads() {
    List<Value> parts = new ArrayList<>();
    Value query = op.in(0);
    if (query.type().rank() == 5) {
      for (int i = 0; i < 3; i++) {
        parts.add(packed(query, i));
      }
    } else {
      parts.add(Heads.apart(op, withBias(query, Dim.ZERO), heads));
      if (op.type(1).rank() == 5) {
        parts.add(packed(op.in(1), 0));
        parts.add(packed(op.in(1), 1));
      } else {
        Dim width = query.type().dim(2);
        parts.add(ofCache(op.in(1), width));
        parts.add(ofCache(op.in(2), width.times(2)));
      }
    }
    Dim past = Dim.ZERO;
    if (op.has(6)) {
      past = op.type(6).dim(2);
      parts.set(1, op.add(new Concat(2), op.in(6), parts.get(1)));
      parts.set(2, op.add(new Concat(2), op.in(7), parts.get(2)));
    }
    return op.out(attended(parts, 4, 5, past), parts.get(1), parts.get(2));
  }

  /// Keys or values of cross attention may come with their heads apart already.
  private Value ofCache(Value value, Dim biasStart) {
    return value.type().rank() == 4 ? value : Heads.apart(op, withBias(value, biasStart), heads);
  }

  private Value withBias(Value value, Dim start) {
    if (!op.has(3)) {
      return value;
    }
    Value part = Slice.of(op.builder(), op.in(3), 0, start, value.type().dim(2));
    return op.add(Pointwise.ADD, value, op.broadcast(part, value.type().shape()));
  }

  /// One of those that lie together: `[batch, places, heads, count, size]`.
  private Value packed(Value all, int which) {
    Value part = Slice.of(op.builder(), all, 3, Dim.of(which), Dim.ONE);
    List<Dim> own =
        List.of(part.type().dim(0), part.type().dim(1), part.type().dim(2), part.type().dim(4));
    return op.add(new Transpose(List.of(0, 2, 1, 3)), op.reshape(part, own));
  }

  private Value attended(List<Value> parts, int mask, int bias, Dim past) {
    Heads all = new Heads(op, parts.get(0), parts.get(1), parts.get(2));
    boolean causal = op.flag("unidirectional", false);
    AttentionMask seen =
        new AttentionMask(op, summand(all, mask, bias), Optional.empty(), causal, -1, -1, past);
    double given = op.real("scale", 0);
    double scale = given == 0 ? Heads.scale(op, all.q().type().dim(3)) : given;
    Value y =
        seen.isVisibility()
            ? AttentionRules.whole(all, seen, scale)
            : AttentionRules.inSteps(op, all, seen, scale, 0).getFirst();
    return Heads.packed(op, op.cast(y, all.q().type().dtype()));
  }

  /// What is added to the scores, if anything is.
  private Optional<Value> summand(Heads all, int mask, int bias) {
    Optional<Value> added = op.has(bias) ? Optional.of(op.in(bias)) : Optional.empty();
    if (!op.has(mask)) {
      return added;
    }
    Value filter = filter(all, op.in(mask));
    return Optional.of(
        added
            .map(a -> op.broadcastAll(List.of(filter, op.cast(a, DType.F32))))
            .map(both -> op.add(Pointwise.ADD, both.get(0), both.get(1)))
            .orElse(filter));
  }

  /// The large negative number where the mask has a zero: `[batch, 1, queries or 1, keys]`.
  private Value filter(Heads all, Value mask) {
    TensorType type = mask.type();
    List<Dim> scores = all.scoreShape();
    Dim batch = scores.get(0);
    boolean lengths = type.rank() == 1 && type.dim(0).equals(batch);
    boolean bounds = type.rank() == 1 && type.dim(0).equals(batch.times(2));
    boolean square = type.rank() == 3;
    if (type.rank() != 2 && !lengths && !bounds && !square) {
      throw op.fail("has a mask %s for scores of sizes %s".formatted(type, scores));
    }
    DType dtype = type.dtype();
    List<Dim> shape = List.of(batch, Dim.ONE, square ? scores.get(2) : Dim.ONE, scores.get(3));
    Elem hidden = Elem.literal(DType.F32, op.real("mask_filter_value", -10000));
    return op.each(
        shape,
        at -> {
          Dim key = at.get(3);
          Elem place = new Elem.IndexValue(dtype, key);
          Elem seen;
          if (type.rank() == 1) {
            seen = Elem.call(ScalarFn.LT, place, Elem.read(0, List.of(at.get(0))));
            if (bounds) {
              Elem first = Elem.read(0, List.of(at.get(0).plus(batch)));
              seen = Elem.call(ScalarFn.AND, seen, Elem.call(ScalarFn.GE, place, first));
            }
          } else {
            List<Dim> index = square ? List.of(at.get(0), at.get(2), key) : List.of(at.get(0), key);
            seen = Elem.call(ScalarFn.NE, Elem.read(0, index), Elem.literal(dtype, 0L));
          }
          return Elem.call(ScalarFn.SELECT, seen, Elem.literal(DType.F32, 0.0), hidden);
        },
        mask);
  }
}
