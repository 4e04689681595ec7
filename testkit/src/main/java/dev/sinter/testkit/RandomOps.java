package dev.sinter.testkit;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Random nodes, one way to make each op. Operands are values that a graph has, or new inputs.
///
/// What a row makes may still be refused by the op itself: then another is drawn.
final class RandomOps {
  /// Functions that most arguments have no place in; theirs are drawn between 0 and 1.
  private static final Set<Pointwise> NARROW =
      EnumSet.of(
          Pointwise.LOG,
          Pointwise.LOG1P,
          Pointwise.SQRT,
          Pointwise.POW,
          Pointwise.ASIN,
          Pointwise.ACOS);

  final Random random;
  private Bindings bindings;
  private final Function<Predicate<TensorType>, Optional<Value>> pool;
  final DType floats;
  private final Map<String, Supplier<Candidate>> rows = new HashMap<>();
  private List<Input> fresh = new ArrayList<>();

  /// A new input of the graph.
  record Input(Value value, Tensor tensor) {}

  /// A node to be.
  ///
  /// @param fresh the operands that are new inputs
  record Candidate(Op op, List<Value> operands, List<Region> regions, List<Input> fresh) {}

  /// Says that the graph has no operand that a row needs.
  static final class NoOperandException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /// @param pool answers a value of the graph of which the predicate holds
  RandomOps(
      Random random,
      Bindings bindings,
      Function<Predicate<TensorType>, Optional<Value>> pool,
      DType floats) {
    this.random = random;
    this.bindings = bindings;
    this.pool = pool;
    this.floats = floats;
    for (Pointwise op : Pointwise.values()) {
      rows.put(op.mnemonic(), () -> pointwise(op));
    }
    rows.put("sort", () -> node(Extern.SORT, ranked(1)));
    new RandomLayouts(this).add(rows);
    new RandomReductions(this).add(rows);
    new RandomIndexing(this).add(rows);
    new RandomWindows(this).add(rows);
    new RandomBodies(this).add(rows);
  }

  /// Tells what a symbol is.
  void bind(Bindings more) {
    bindings = more;
  }

  /// The ops that there is a row for.
  Set<String> mnemonics() {
    return Set.copyOf(rows.keySet());
  }

  /// A node of the op `mnemonic`, if one comes about.
  Optional<Candidate> draw(String mnemonic) {
    fresh = new ArrayList<>();
    try {
      return Optional.of(java.util.Objects.requireNonNull(rows.get(mnemonic)).get());
    } catch (NoOperandException | OpException e) {
      return Optional.empty();
    }
  }

  Candidate node(Op op, Value... operands) {
    return new Candidate(op, List.of(operands), List.of(), fresh);
  }

  Candidate node(Op op, List<Value> operands, List<Region> regions) {
    return new Candidate(op, operands, regions, fresh);
  }

  /// A value that the graph has.
  Value any(Predicate<TensorType> wanted) {
    return pool.apply(wanted).orElseThrow(NoOperandException::new);
  }

  /// A float value with at least `rank` axes.
  Value ranked(int rank) {
    return any(t -> t.rank() >= rank && t.rank() <= 4 && t.dtype() == floats);
  }

  /// A value of this type, or a new input.
  Value like(TensorType type) {
    return random.nextInt(3) == 0
        ? fresh(type)
        : pool.apply(type::equals).orElseGet(() -> fresh(type));
  }

  /// A new input of small numbers.
  Value fresh(TensorType type) {
    Input input = input(type);
    fresh.add(input);
    return input.value();
  }

  /// A new input of numbers from `low` to `high`.
  Value fresh(TensorType type, double low, double high) {
    Input input = input(type, low, high);
    fresh.add(input);
    return input.value();
  }

  Input input(TensorType type) {
    return switch (type.dtype().kind()) {
      case FLOAT -> input(type, -2, 2);
      case SIGNED -> input(type, -4, 6);
      case UNSIGNED -> input(type, 0, type.dtype() == DType.U32 ? 4e9 : 9);
      case BOOL -> input(type, 0, 2);
    };
  }

  Input input(TensorType type, double low, double high) {
    if (type.shape().stream().anyMatch(RuntimeSize::isIn)) {
      throw new NoOperandException();
    }
    Tensor tensor = Tensor.zeros(type.dtype(), bindings.shape(type.shape()));
    for (int i = 0; i < tensor.size(); i++) {
      double x = random.nextDouble(low, high);
      if (type.dtype().isFloat()) {
        // Zero is a kink of many functions.
        tensor.setDouble(i, Math.abs(x) < 0.05 ? Math.copySign(0.05, x) : x);
      } else {
        tensor.setLong(i, (long) Math.floor(x));
      }
    }
    return new Input(Value.parameter(type, "x"), tensor);
  }

  int axis(Value x) {
    return random.nextInt(x.type().rank());
  }

  long between(long low, long high) {
    return random.nextLong(low, high + 1);
  }

  <T> T oneOf(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  /// Some axes of `x`, ascending; at least one.
  List<Integer> axes(Value x) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, x.type().rank()).boxed().toList());
    while (all.size() > 1 && random.nextBoolean()) {
      all.remove(/* index */ random.nextInt(all.size()));
    }
    return all;
  }

  static TensorType scalar(DType dtype) {
    return TensorType.of(dtype, new long[0]);
  }

  /// The number that `dim` is here, which is at least 1.
  long value(Dim dim) {
    long value = bindings.evaluate(dim);
    if (value < 1) {
      throw new NoOperandException();
    }
    return value;
  }

  private Candidate pointwise(Pointwise op) {
    if (op == Pointwise.THREEFRY) {
      TensorType type = any(t -> true).type().withDtype(DType.U32);
      return node(op, like(type), like(type), like(type), like(type));
    }
    if (NARROW.contains(op) && random.nextInt(4) > 0) {
      TensorType type = ranked(0).type();
      Value x = fresh(type, 0.1, 0.9);
      return op.arity() == 1 ? node(op, x) : node(op, x, like(type));
    }
    if (op == Pointwise.SELECT) {
      Value x = any(t -> true);
      return node(op, like(x.type().withDtype(DType.BOOL)), x, like(x.type()));
    }
    TensorType type = any(t -> t.rank() <= 4).type();
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < op.arity(); i++) {
      operands.add(like(type));
    }
    return node(op, operands, List.of());
  }
}
