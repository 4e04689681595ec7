package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `GroupQueryAttention` of ONNX Runtime: causal, with heads of queries that share keys, a cache of
/// keys and values that new ones are written behind each example's old ones, and positions turned.
///
/// Example `b` has `max(0, seqlens_k[b] + 1 - places)` old keys. A cache may have more places than
/// that; what lies behind the new keys is 0 in the caches that come out.
final class GroupQueryAttention {
  private static final int PAST_KEY = 3;
  private static final int PAST_VALUE = 4;
  private static final int LENGTHS = 5;
  private static final int TOTAL = 6;
  private static final int COSINES = 7;
  private static final int SINES = 8;
  private static final int POSITIONS = 9;
  private static final int BIAS = 10;
  private static final int SINKS = 11;
  private static final int MOST_KNOWN = 12;

  private final OpContext op;
  private final long heads;
  private final long shared;
  private final Dim batch;
  private final Dim places;

  GroupQueryAttention(OpContext op) {
    this.op = op;
    this.heads = op.integer("num_heads", 0);
    this.shared = op.integer("kv_num_heads", 0);
    this.batch = op.type(0).dim(0);
    this.places = op.type(0).dim(1);
    if (heads < 1 || shared < 1) {
      throw op.fail("has %d heads for %d of keys".formatted(heads, shared));
    }
    if (op.wants(3) || op.inputs() > MOST_KNOWN) {
      throw op.fail("gives its scores or has a quantized cache, which Sinter does not read");
    }
  }

  List<Operand> result() {
    Value packed = op.in(0);
    boolean together = !op.has(1);
    Dim size = packed.type().dim(2).floorDiv(together ? heads + 2 * shared : heads);
    Value q;
    Value k;
    Value v;
    if (together) {
      q = part(packed, 0, heads, size);
      k = part(packed, heads, shared, size);
      v = part(packed, heads + shared, shared, size);
    } else {
      q = Heads.apart(op, packed, heads);
      k = Heads.apart(op, op.in(1), shared);
      v = Heads.apart(op, op.in(2), shared);
    }
    Optional<Value> old = op.has(PAST_KEY) ? Optional.of(old()) : Optional.empty();
    if (op.flag("do_rotary", false)) {
      Value positions = op.has(POSITIONS) ? op.in(POSITIONS) : positions(old);
      q = turned(q, positions);
      k = turned(k, positions);
    }
    Value keys = old.isPresent() ? cache(op.in(PAST_KEY), k, old.get()) : k;
    Value values = old.isPresent() ? cache(op.in(PAST_VALUE), v, old.get()) : v;
    Heads all = new Heads(op, q, keys, values);
    return op.out(Heads.packed(op, op.cast(attended(all, old), op.type(0).dtype())), keys, values);
  }

  private Value part(Value packed, long first, long count, Dim size) {
    Value part = Slice.of(op.builder(), packed, 2, size.times(first), size.times(count));
    return Heads.apart(op, part, count);
  }

  private Value attended(Heads all, Optional<Value> old) {
    long window = op.integer("local_window_size", -1);
    AttentionMask mask =
        new AttentionMask(
            op,
            op.has(BIAS) ? Optional.of(op.in(BIAS)) : Optional.empty(),
            old.map(this::lengths),
            true,
            window < 1 ? -1 : window - 1,
            -1,
            Dim.ZERO);
    double given = op.real("scale", 0);
    double scale = given == 0 ? Heads.scale(op, all.q().type().dim(3)) : given;
    double cap = op.real("softcap", 0);
    Optional<Value> sinks = op.has(SINKS) ? Optional.of(op.in(SINKS)) : smooth();
    return cap == 0 && sinks.isEmpty() && mask.isVisibility()
        ? AttentionRules.whole(all, mask, scale)
        : AttentionRules.inSteps(op, all, mask, scale, cap, sinks).getFirst();
  }

  /// A softmax that is smooth counts a score of 0 for each head.
  private Optional<Value> smooth() {
    return op.flag("smooth_softmax", false)
        ? Optional.of(op.fill(DType.F32, 0, List.of(Dim.of(heads))))
        : Optional.empty();
  }

  /// How many old keys each example has.
  private Value old() {
    DType dtype = op.type(LENGTHS).dtype();
    Value lengths = op.reshape(op.in(LENGTHS), List.of(batch));
    return op.each(
        List.of(batch),
        at ->
            max(
                add(Elements.integer(dtype, 0, at.getFirst()), whole(Dim.ONE.minus(places))),
                Elements.ZERO),
        lengths);
  }

  /// How many keys each example has then.
  private Value lengths(Value old) {
    return op.each(List.of(batch), at -> add(Elem.read(0, at), whole(places)), old);
  }

  private Value positions(Optional<Value> old) {
    return op.each(
        List.of(batch, places),
        at ->
            old.isPresent()
                ? add(Elem.read(0, List.of(at.getFirst())), whole(at.get(1)))
                : whole(at.get(1)),
        old.stream().toArray(Value[]::new));
  }

  private Value turned(Value x, Value positions) {
    boolean interleaved = op.flag("rotary_interleaved", false);
    Optional<Value> at = Optional.of(positions);
    return RotaryRules.turned(op, x, op.in(COSINES), op.in(SINES), at, 2, interleaved);
  }

  /// How many places the caches have that come out.
  private Dim room(Dim past) {
    Optional<List<Dim>> total = op.operand(TOTAL).numbers();
    if (total.isPresent()) {
      return op.larger(past, total.get().getFirst());
    }
    // A cache that is kept between calls has all its places from the beginning.
    boolean kept = op.declared(1).map(sizes -> sizes.get(2).equals(past)).orElse(false);
    return kept ? past : past.plus(places);
  }

  /// The old keys or values of a cache, then the new ones, then zeros.
  private Value cache(Value past, Value fresh, Value old) {
    Dim before = past.type().dim(2);
    DType dtype = fresh.type().dtype();
    List<Dim> shape = new ArrayList<>(fresh.type().shape());
    shape.set(2, room(before));
    return op.each(
        shape,
        at -> {
          Elem place = whole(at.get(2));
          Elem count = Elem.read(2, List.of(at.getFirst()));
          Elem isNew = less(sub(place, count), whole(places));
          Elem added = select(isNew, read(1, at, sub(place, count), places), real(dtype, 0));
          return select(less(place, count), read(0, at, place, before), added);
        },
        past,
        fresh,
        old);
  }

  private static Elem read(int operand, List<Dim> at, Elem place, Dim size) {
    List<Elem> index = new ArrayList<>(Elements.places(at));
    index.set(2, Elements.inside(place, size));
    return Elements.read(operand, index);
  }
}
