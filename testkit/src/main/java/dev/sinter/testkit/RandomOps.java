package dev.sinter.testkit;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Extern;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.CrossEntropy;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.DynamicSlice;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.FoldKey;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.LogSumExp;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.Transpose;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
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
  private final Bindings bindings;
  private final Function<Predicate<TensorType>, Optional<Value>> pool;
  private final DType floats;
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
    layouts();
    reductions();
    indexing();
    new RandomWindows(this).add(rows);
    new RandomBodies(this).add(rows);
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

  private Input input(TensorType type, double low, double high) {
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

  /// The number that `dim` is here.
  long value(Dim dim) {
    return bindings.evaluate(dim);
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

  private void layouts() {
    rows.put(
        "transpose",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          List<Integer> order =
              new ArrayList<>(IntStream.range(0, x.type().rank()).boxed().toList());
          Collections.shuffle(order, random);
          return node(new Transpose(order), x);
        });
    rows.put(
        "reshape",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          int at = random.nextInt(shape.size());
          if (shape.size() > 1 && at + 1 < shape.size()) {
            shape.set(at, shape.get(at).times(shape.remove(at + 1)));
          } else if (random.nextBoolean()) {
            shape.add(at, Dim.ONE);
          } else if (shape.get(at).isConstant() && shape.get(at).constant() % 2 == 0) {
            shape.set(at, shape.get(at).floorDiv(2));
            shape.add(at, Dim.of(2));
          }
          return node(new Reshape(shape), x);
        });
    rows.put(
        "broadcast",
        () -> {
          Value x = any(t -> t.rank() <= 3);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          List<Integer> places = new ArrayList<>(IntStream.range(0, shape.size()).boxed().toList());
          int at = random.nextInt(shape.size() + 1);
          shape.add(at, random.nextInt(3) == 0 ? Dim.symbol("M") : Dim.of(between(1, 4)));
          places.replaceAll(p -> p >= at ? p + 1 : p);
          return node(new Broadcast(places, shape), x);
        });
    rows.put(
        "cast",
        () -> {
          // Half of them to the types that most ops take.
          List<DType> common = List.of(floats, DType.I32, DType.I64, DType.BOOL, DType.F64);
          List<DType> types = random.nextBoolean() ? common : List.of(DType.values());
          return node(new Cast(oneOf(types)), any(t -> true));
        });
    rows.put(
        "fill",
        () -> {
          TensorType type = any(t -> true).type();
          Elem.Literal literal = (Elem.Literal) Elem.literal(type.dtype(), (double) between(-2, 3));
          return node(new Fill(type.dtype(), literal.real(), literal.integer(), type.shape()));
        });
    rows.put(
        "iota",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          DType dtype = oneOf(List.of(floats, DType.I32, DType.I64));
          return node(new Iota(dtype, axis(x), x.type().shape()));
        });
    rows.put(
        "constant",
        () -> {
          TensorType type =
              TensorType.of(oneOf(List.of(floats, DType.I32)), between(1, 3), between(1, 4));
          return node(new Constant(input(type).tensor()));
        });
  }

  private void reductions() {
    rows.put(
        "reduce",
        () -> {
          boolean logical = random.nextInt(4) == 0;
          Value x = any(t -> t.rank() >= 1 && (t.dtype() == DType.BOOL) == logical);
          Reducer reducer =
              logical
                  ? oneOf(List.of(Reducer.ANY, Reducer.ALL))
                  : oneOf(List.of(Reducer.SUM, Reducer.PRODUCT, Reducer.MAX, Reducer.MIN));
          return node(new Reduce(reducer, axes(x), x.type().dtype().compute()), x);
        });
    rows.put(
        "cumulative",
        () -> {
          Value x = any(t -> t.rank() >= 1 && t.dtype() != DType.BOOL);
          Reducer reducer = oneOf(List.of(Reducer.SUM, Reducer.PRODUCT, Reducer.MAX, Reducer.MIN));
          boolean exclusive =
              random.nextBoolean() && (reducer == Reducer.SUM || reducer == Reducer.PRODUCT);
          DType accumulator = x.type().dtype().compute();
          return node(
              new Cumulative(reducer, axis(x), exclusive, random.nextBoolean(), accumulator), x);
        });
    rows.put("contract", this::contract);
    rows.put("softmax", () -> alongAxis(Softmax::new));
    rows.put("log_softmax", () -> alongAxis(LogSoftmax::new));
    rows.put("log_sum_exp", () -> alongAxis(LogSumExp::new));
    rows.put(
        "argmax", () -> alongAxis(axis -> new Argmax(axis, oneOf(List.of(DType.I32, DType.I64)))));
    rows.put(
        "layer_norm",
        () -> {
          Value x = ranked(1);
          List<Integer> axes = axes(x);
          TensorType inner = x.type().withShape(axes.stream().map(a -> x.type().dim(a)).toList());
          LayerNorm op = new LayerNorm(axes, 0.1);
          return random.nextBoolean() ? node(op, x) : node(op, x, like(inner), like(inner));
        });
    rows.put(
        "rms_norm",
        () -> {
          Value x = ranked(1);
          List<Integer> axes = axes(x);
          TensorType inner = x.type().withShape(axes.stream().map(a -> x.type().dim(a)).toList());
          RmsNorm op = new RmsNorm(axes, 0.1);
          return random.nextBoolean() ? node(op, x) : node(op, x, like(inner));
        });
    rows.put(
        "cross_entropy",
        () -> {
          Value x = ranked(1);
          int axis = axis(x);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          double classes = (double) value(shape.remove(axis));
          Value labels = fresh(new TensorType(DType.I32, shape), -1, classes);
          return node(new CrossEntropy(axis), x, labels);
        });
  }

  private Candidate alongAxis(Function<Integer, Op> op) {
    Value x = ranked(1);
    return node(op.apply(axis(x)), x);
  }

  /// A contraction over one axis of a value and a new or known one: a matrix, a vector, a batch.
  private Candidate contract() {
    Value x = ranked(1);
    int rank = x.type().rank();
    String letters = "abcd".substring(0, rank);
    int summed = axis(x);
    Dim size = x.type().dim(summed);
    char k = letters.charAt(summed);
    String kept = letters.replace(String.valueOf(k), "");
    List<Dim> shape = new ArrayList<>(List.of(size));
    String right = String.valueOf(k);
    String out = kept;
    if (random.nextInt(4) > 0) {
      shape.add(Dim.of(between(1, 5)));
      right += "z";
      out += "z";
    }
    if (!kept.isEmpty() && random.nextInt(4) == 0) {
      // An axis that both have and the result keeps.
      shape.addFirst(x.type().dim(letters.indexOf(kept.charAt(0))));
      right = kept.charAt(0) + right;
    }
    Value w = like(new TensorType(x.type().dtype(), shape));
    return node(new Contract(letters, right, out, x.type().dtype().compute()), x, w);
  }

  private void indexing() {
    rows.put(
        "slice",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          List<Dim> starts = new ArrayList<>();
          List<Dim> sizes = new ArrayList<>();
          List<Long> steps = new ArrayList<>();
          for (Dim dim : x.type().shape()) {
            boolean reversed = random.nextInt(4) == 0;
            long step = random.nextInt(3) == 0 ? 2 : 1;
            long cut = dim.isConstant() ? between(0, dim.constant() - 1) : 0;
            starts.add(reversed ? dim.minus(1) : Dim.of(cut));
            sizes.add(dim.minus(cut).ceilDiv(Dim.of(step)));
            steps.add(reversed ? -step : step);
          }
          return node(new Slice(starts, sizes, steps), x);
        });
    rows.put(
        "pad",
        () -> {
          Value x = any(t -> t.rank() >= 1 && t.dtype() != DType.BOOL);
          List<Dim> low = x.type().shape().stream().map(d -> Dim.of(between(0, 2))).toList();
          List<Dim> high = x.type().shape().stream().map(d -> Dim.of(between(0, 2))).toList();
          List<Long> interior = x.type().shape().stream().map(d -> between(0, 1)).toList();
          return node(new Pad(low, high, interior, (double) between(-1, 1)), x);
        });
    rows.put(
        "concat",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          return random.nextBoolean()
              ? node(new Concat(axis(x)), x, like(x.type()))
              : node(new Concat(axis(x)), x, like(x.type()), x);
        });
    rows.put(
        "gather",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          int axis = axis(x);
          double last = (double) value(x.type().dim(axis));
          DType dtype = oneOf(List.of(DType.I32, DType.I64, DType.I8));
          TensorType type =
              random.nextInt(3) == 0
                  ? TensorType.of(dtype, between(1, 3), between(1, 2))
                  : TensorType.of(dtype, between(1, 4));
          return node(new Gather(axis), x, fresh(type, -1, last + 1));
        });
    rows.put(
        "scatter",
        () -> {
          Value slices = ranked(1);
          int axis = axis(slices);
          Dim size = Dim.of(between(1, 5));
          TensorType type = new TensorType(DType.I32, List.of(slices.type().dim(axis)));
          return node(new Scatter(axis, size), fresh(type, 0, (double) size.constant()), slices);
        });
    rows.put(
        "dynamic_slice",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          int axis = axis(x);
          long size = between(1, value(x.type().dim(axis)));
          Value start = fresh(scalar(DType.I32), -1, 4);
          return node(
              new DynamicSlice(axis, x.type().dim(axis).isConstant() ? Dim.of(size) : Dim.ONE),
              x,
              start);
        });
    rows.put(
        "update_slice",
        () -> {
          Value x = any(t -> t.rank() >= 1);
          int axis = axis(x);
          List<Dim> shape = new ArrayList<>(x.type().shape());
          shape.set(axis, Dim.ONE);
          Value update = like(x.type().withShape(shape));
          return node(new UpdateSlice(axis), x, update, fresh(scalar(DType.I32), -1, 4));
        });
    rows.put(
        "random_bits",
        () ->
            node(new RandomBits(any(t -> true).type().shape()), like(TensorType.of(DType.U32, 2))));
    rows.put(
        "fold_key",
        () -> node(new FoldKey(), like(TensorType.of(DType.U32, 2)), fresh(scalar(DType.I32))));
    rows.put("comprehension", this::comprehension);
    rows.put("accumulate", this::accumulate);
  }

  /// Element `i` less half its neighbour, or the sum over neighbours.
  private Candidate comprehension() {
    Value x = ranked(1);
    Dim size = x.type().dim(0);
    List<Axis> axes = new ArrayList<>();
    List<Dim> at = new ArrayList<>();
    for (int i = 0; i < x.type().rank(); i++) {
      axes.add(new Axis("%" + i, x.type().dim(i)));
      at.add(axes.get(i).index());
    }
    List<Dim> next = new ArrayList<>(at);
    DType dtype = x.type().dtype();
    if (random.nextBoolean()) {
      next.set(0, at.getFirst().plus(1));
      Elem neighbour =
          Elem.call(
              ScalarFn.SELECT,
              Elem.inRange(next.getFirst(), size),
              Elem.read(0, next),
              Elem.literal(dtype, 0.0));
      Elem half = Elem.call(ScalarFn.MUL, Elem.literal(dtype, 0.5), neighbour);
      return node(new Comprehension(axes, Elem.call(ScalarFn.SUB, Elem.read(0, at), half)), x);
    }
    Axis summed = new Axis("%k", size);
    next.set(0, summed.index());
    Elem product = Elem.call(ScalarFn.MUL, Elem.read(0, next), Elem.read(0, at));
    return node(
        new Comprehension(
            axes, new Elem.Reduce(Reducer.SUM, dtype.compute(), List.of(summed), product)),
        x);
  }

  /// Each element of the first axis added to place `i / 2`.
  private Candidate accumulate() {
    Value x = like(new TensorType(floats, List.of(ranked(1).type().dim(0))));
    Axis axis = new Axis("%0", x.type().dim(0));
    Elem place = new Elem.IndexValue(DType.I64, axis.index().floorDiv(2));
    return node(
        new Accumulate(
            List.of(axis),
            List.of(axis.extent().plus(1).floorDiv(2)),
            List.of(place),
            Elem.read(0, List.of(axis.index()))),
        x);
  }
}
