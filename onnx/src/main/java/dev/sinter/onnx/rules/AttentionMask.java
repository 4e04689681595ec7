package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which keys a query sees, and what is added to its scores.
///
/// A query's place is `offset + t`, where `offset` is `past`, or, where lengths are given, each
/// example's length less the number of queries.
///
/// @param op where nodes go
/// @param mask of bools or floats; its sizes count from the last, those of one repeat, and keys
///   beyond its end are not seen
/// @param lengths how many keys of each example there are, an integer an example
/// @param causal whether a query sees no key after its own place
/// @param left how far before its place a query sees; -1 for all
/// @param right how far behind its place a query sees; -1 for all
/// @param past how many places come before the first query's
record AttentionMask(
    OpContext op,
    Optional<Value> mask,
    Optional<Value> lengths,
    boolean causal,
    long left,
    long right,
    Dim past) {
  /// Whether it only says what is seen, so that nothing has to be added to scores.
  boolean isVisibility() {
    return mask.map(m -> m.type().dtype() == DType.BOOL).orElse(true);
  }

  /// Whether being causal is all there is to it, with the same places in all examples.
  private boolean onlyCausal() {
    return causal && lengths.isEmpty() && left < 0 && right < 0;
  }

  /// Where the first query stands, if that says what the causal side of it is.
  Optional<Value> start() {
    return onlyCausal()
        ? Optional.of(op.builder().fill(TensorType.of(DType.I32, new Dim[0]), past))
        : Optional.empty();
  }

  /// Which pairs are seen beyond what [#start] says, if not all, for scores of sizes `[batch,
  /// heads, queries, keys]`.
  Optional<Value> seen(List<Dim> shape) {
    boolean all =
        mask.isEmpty() && lengths.isEmpty() && left < 0 && right < 0 && (!causal || onlyCausal());
    if (all) {
      return Optional.empty();
    }
    Elem no = Elem.literal(DType.BOOL, 0L);
    return Optional.of(
        op.each(
            shape,
            at ->
                Elem.select(
                    conditions(at, shape, !onlyCausal()),
                    mask.map(m -> read(m, at, shape)).orElse(Elem.literal(DType.BOOL, 1L)),
                    no),
            operands()));
  }

  /// Scores with what is added to them, -inf where a key is not seen.
  Value on(Value scores) {
    List<Dim> shape = scores.type().shape();
    List<Value> operands = new ArrayList<>(List.of(operands()));
    operands.add(scores);
    DType dtype = scores.type().dtype();
    Elem hidden = Elem.literal(dtype, Double.NEGATIVE_INFINITY);
    return op.each(
        shape,
        at -> {
          Elem score = Elem.read(operands.size() - 1, at);
          Elem changed = mask.map(m -> masked(m, at, shape, score, hidden)).orElse(score);
          return Elem.select(conditions(at, shape, true), changed, hidden);
        },
        operands.toArray(Value[]::new));
  }

  private Elem masked(Value mask, List<Dim> at, List<Dim> shape, Elem score, Elem hidden) {
    Elem given = read(mask, at, shape);
    DType dtype = ((Elem.Literal) hidden).dtype();
    if (mask.type().dtype() == DType.BOOL) {
      return Elem.call(ScalarFn.SELECT, given, score, hidden);
    }
    Elem summand = mask.type().dtype() == dtype ? given : new Elem.Cast(dtype, given);
    return Elem.call(ScalarFn.ADD, score, summand);
  }

  private Value[] operands() {
    List<Value> operands = new ArrayList<>();
    mask.ifPresent(operands::add);
    lengths.ifPresent(operands::add);
    return operands.toArray(Value[]::new);
  }

  /// What else has to hold for the pair `at`, whose key is within the mask then.
  private List<Elem> conditions(List<Dim> at, List<Dim> shape, boolean withCausal) {
    List<Elem> conditions = new ArrayList<>();
    Dim key = at.get(3);
    if (mask.isPresent()) {
      TensorType type = mask.get().type();
      Dim width = type.rank() == 0 ? Dim.ONE : type.dim(type.rank() - 1);
      if (!width.is(1) && !width.equals(shape.get(3))) {
        conditions.add(Elem.call(ScalarFn.LT, number(key), number(width)));
      }
    }
    Elem place = number(at.get(2).plus(past));
    if (lengths.isPresent()) {
      Elem length =
          new Elem.Cast(DType.I64, Elem.read(mask.isPresent() ? 1 : 0, List.of(at.get(0))));
      conditions.add(Elem.call(ScalarFn.LT, number(key), length));
      place = Elem.call(ScalarFn.ADD, number(at.get(2).minus(shape.get(2))), length);
    }
    if (causal && withCausal) {
      conditions.add(Elem.call(ScalarFn.LE, number(key), place));
    }
    if (left >= 0) {
      conditions.add(
          Elem.call(ScalarFn.GE, Elem.call(ScalarFn.ADD, number(key), number(left)), place));
    }
    if (right >= 0) {
      conditions.add(
          Elem.call(ScalarFn.LE, number(key), Elem.call(ScalarFn.ADD, place, number(right))));
    }
    return conditions;
  }

  private static Elem number(Dim value) {
    return new Elem.IndexValue(DType.I64, value);
  }

  private static Elem number(long value) {
    return Elem.literal(DType.I64, value);
  }

  /// The mask's element for the pair `at`; it is operand 0.
  private Elem read(Value mask, List<Dim> at, List<Dim> shape) {
    List<Dim> index = new ArrayList<>();
    int rank = mask.type().rank();
    for (int i = 0; i < rank; i++) {
      int axis = 4 - rank + i;
      Dim size = mask.type().dim(i);
      boolean repeats = size.is(1);
      if (!repeats && (axis < 0 || (axis < 3 && !size.equals(shape.get(axis))))) {
        throw op.fail("has a mask %s for scores of sizes %s".formatted(mask.type(), shape));
      }
      index.add(repeats ? Dim.ZERO : at.get(axis));
    }
    return Elem.read(0, index);
  }
}
