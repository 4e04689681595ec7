package dev.sinter.testkit;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Interleave;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.Transpose;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// Random networks of convolutions over batches of small pictures with few channels, and what
/// stands between convolutions; some with their gradients.
///
/// The same seed gives the same network. [RandomGraphs] has every op, but never so many pictures
/// that vectors run along their batch.
public final class RandomPictures {
  private static final int MOST_ELEMENTS = 16_384;

  private final Random random;
  private final DType dtype;
  private final Dim batch;
  private final long size;
  private final GraphBuilder b = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<Tensor> given = new ArrayList<>();
  private final List<Value> pool = new ArrayList<>();
  private final List<Value> weights = new ArrayList<>();
  private final Map<Graph.Output, Value> states = new LinkedHashMap<>();

  private RandomPictures(long seed, DType dtype, boolean open) {
    this.random = new Random(seed);
    this.dtype = dtype;
    this.size = oneOf(List.of(16L, 16L, 32L, 48L, 64L, 20L, 7L));
    this.batch = open ? Dim.symbol("N") : Dim.of(size);
  }

  /// The network of this seed.
  ///
  /// @param open whether the number of pictures is the symbol `N`
  public static RandomGraphs.Sample sample(long seed, int ops, DType dtype, boolean open) {
    return new RandomPictures(seed, dtype, open).draw(ops);
  }

  private <T> T oneOf(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private long between(long low, long high) {
    return random.nextLong(low, high + 1);
  }

  private List<Long> pair(long low, long high) {
    return List.of(between(low, high), between(low, high));
  }

  private RandomGraphs.Sample draw(int ops) {
    long rows = between(4, 7);
    Value x =
        input(
            Graph.Role.ARGUMENT, batch, Dim.of(between(1, 4)), Dim.of(rows), Dim.of(between(4, 7)));
    pool.add(x);
    for (int i = -1, tries = 0; i < ops && tries < 20 * ops; tries++) {
      try {
        Value next = i < 0 ? convolved(x) : next();
        if (elements(next) <= MOST_ELEMENTS) {
          pool.add(next);
          i++;
        }
      } catch (OpException e) {
        // Another one, then.
      }
    }
    return assemble();
  }

  private long elements(Value value) {
    long n = 1;
    for (Dim dim : value.type().shape()) {
      n *= dim.evaluate(s -> size);
    }
    return n;
  }

  private Value input(Graph.Role role, Dim... shape) {
    TensorType type = new TensorType(dtype, List.of(shape));
    Value value = b.parameter(type, "x" + inputs.size());
    inputs.add(new Graph.Input("x" + inputs.size(), role));
    Tensor tensor =
        Tensor.zeros(dtype, type.shape().stream().mapToLong(d -> d.evaluate(s -> size)).toArray());
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, dtype.round(random.nextGaussian() / 2));
    }
    given.add(tensor);
    return value;
  }

  private Value weight(Dim... shape) {
    if (Stream.of(shape).anyMatch(d -> !d.isConstant())) {
      throw new OpException("not of this kind");
    }
    boolean state = random.nextInt(4) == 0;
    Value w = input(state ? Graph.Role.STATE : Graph.Role.WEIGHT, shape);
    weights.add(w);
    if (state) {
      String name = inputs.getLast().name();
      states.put(new Graph.Output(name, Graph.Role.STATE), w);
    }
    return w;
  }

  private Value any() {
    int first = random.nextInt(pool.size());
    return pool.get(random.nextInt(first, pool.size()));
  }

  private Value picture() {
    for (int i = 0; i < 20; i++) {
      Value v = any();
      if (v.type().rank() == 4) {
        return v;
      }
    }
    throw new OpException("not of this kind");
  }

  private Value convolved(Value x) {
    Dim channels = x.type().dim(1);
    if (!channels.isConstant()
        || x.type().shape().stream().skip(1).anyMatch(d -> !d.isConstant())) {
      throw new OpException("not of this kind");
    }
    long in = channels.constant();
    if (in > 16) {
      throw new OpException("not of this kind");
    }
    long groups = random.nextInt(4) > 0 ? 1 : random.nextBoolean() ? in : in % 2 == 0 ? 2 : 1;
    long out = groups * between(1, groups > 2 ? 2 : 7);
    List<Long> dilations = random.nextInt(4) > 0 ? List.of(1L, 1L) : pair(1, 2);
    boolean single = random.nextInt(4) == 0;
    List<Long> window =
        single ? List.of(1L, 1L) : random.nextBoolean() ? List.of(3L, 3L) : pair(1, 5);
    List<Long> strides = random.nextInt(3) > 0 ? List.of(1L, 1L) : pair(1, 2);
    if (random.nextInt(6) == 0 && groups == 1) {
      // Transposed.
      List<Dim> sizes = new ArrayList<>();
      List<Long> low = pair(0, 1);
      List<Long> high = pair(0, 1);
      for (int i = 0; i < 2; i++) {
        long n = x.type().dim(2 + i).constant();
        sizes.add(
            Dim.of(
                (n - 1) * strides.get(i)
                    + (window.get(i) - 1) * dilations.get(i)
                    + 1
                    - low.get(i)
                    - high.get(i)));
      }
      Value w = weight(Dim.of(in), Dim.of(out), Dim.of(window.get(0)), Dim.of(window.get(1)));
      return b.add(new ConvInput(strides, low, high, dilations, 1, sizes, dtype.compute()), x, w);
    }
    Conv conv = new Conv(strides, pair(0, 2), pair(0, 2), dilations, groups, dtype.compute());
    TensorType filter =
        new TensorType(
            dtype,
            List.of(
                Dim.of(out), Dim.of(in / groups), Dim.of(window.get(0)), Dim.of(window.get(1))));
    conv.infer(List.of(x.type(), filter), List.of());
    // Sometimes what another convolution has.
    for (Value w : weights) {
      if (w.type().equals(filter) && random.nextBoolean()) {
        return b.add(conv, x, w);
      }
    }
    return b.add(conv, x, weight(filter.shape().toArray(Dim[]::new)));
  }

  private Value next() {
    return switch (random.nextInt(22)) {
      case 0, 1, 2, 3 -> convolved(picture());
      case 4 -> b.add(Pointwise.RELU, any());
      case 5 -> b.add(Pointwise.SIGMOID, any());
      case 6, 7 -> {
        Value x = any();
        List<Value> like = pool.stream().filter(v -> v.type().equals(x.type())).toList();
        yield b.add(oneOf(List.of(Pointwise.ADD, Pointwise.SUB, Pointwise.MAX)), x, oneOf(like));
      }
      case 8 -> {
        Value x = picture();
        Value bias = weight(x.type().dim(1));
        yield b.add(
            random.nextBoolean() ? Pointwise.ADD : Pointwise.MUL,
            x,
            b.add(new Broadcast(List.of(1), x.type().shape()), bias));
      }
      case 9, 10 -> {
        Value x = picture();
        List<Long> window = pair(1, 3);
        List<Long> low = window.stream().map(k -> between(0, Math.min(1, k - 1))).toList();
        List<Long> high = window.stream().map(k -> between(0, Math.min(1, k - 1))).toList();
        yield b.add(
            new Pool(
                oneOf(List.of(Reducer.MAX, Reducer.SUM)),
                window,
                pair(1, 2),
                low,
                high,
                random.nextInt(3) > 0 ? List.of(1L, 1L) : pair(1, 2)),
            scalar(x, 1.0));
      }
      case 11 -> {
        Value x = any();
        int axis = random.nextInt(x.type().rank());
        List<Value> like =
            pool.stream()
                .filter(v -> v.type().rank() == x.type().rank())
                .filter(v -> {
                  for (int d = 0; d < v.type().rank(); d++) {
                    if (d != axis && !v.type().dim(d).equals(x.type().dim(d))) {
                      return false;
                    }
                  }
                  return true;
                })
                .toList();
        yield b.add(new Concat(axis), x, oneOf(like));
      }
      case 12 -> {
        Value x = any();
        List<Dim> starts = new ArrayList<>();
        List<Dim> sizes = new ArrayList<>();
        List<Long> steps = new ArrayList<>();
        for (Dim dim : x.type().shape()) {
          if (!dim.isConstant() || random.nextInt(3) > 0) {
            starts.add(Dim.ZERO);
            sizes.add(dim);
            steps.add(1L);
          } else {
            long start = between(0, dim.constant() - 1);
            long step = between(1, 2);
            starts.add(Dim.of(start));
            steps.add(step);
            sizes.add(Dim.of(between(1, (dim.constant() - start + step - 1) / step)));
          }
        }
        yield b.add(new Slice(starts, sizes, steps), x);
      }
      case 13 -> {
        Value x = any();
        List<Dim> low = new ArrayList<>();
        List<Dim> high = new ArrayList<>();
        List<Long> interior = new ArrayList<>();
        for (int d = 0; d < x.type().rank(); d++) {
          boolean here = random.nextInt(3) == 0;
          low.add(Dim.of(here ? between(0, 2) : 0));
          high.add(Dim.of(here ? between(0, 2) : 0));
          interior.add(here && random.nextInt(3) == 0 ? 1L : 0L);
        }
        yield b.add(new Pad(low, high, interior, random.nextBoolean() ? 0 : 0.5), x);
      }
      case 14 -> {
        Value x = any();
        List<Integer> permutation = new ArrayList<>();
        for (int d = 0; d < x.type().rank(); d++) {
          permutation.add(d);
        }
        Collections.shuffle(permutation, random);
        yield b.add(new Transpose(permutation), x);
      }
      case 15, 16 -> {
        // Some neighbours become one, or one becomes two.
        Value x = any();
        List<Dim> shape = new ArrayList<>(x.type().shape());
        if (shape.size() < 2 || random.nextInt(3) == 0) {
          int d = random.nextInt(shape.size());
          Dim dim = shape.get(d);
          if (!dim.isConstant() || dim.constant() % 2 != 0) {
            throw new OpException("not of this kind");
          }
          shape.set(d, Dim.of(dim.constant() / 2));
          shape.add(d + random.nextInt(2), Dim.of(2));
        } else {
          int d = random.nextInt(3) == 0 ? 0 : Math.min(1, shape.size() - 2);
          int end = random.nextBoolean() ? shape.size() : d + 2;
          Dim one = Dim.product(shape.subList(d, end));
          shape.subList(d, end).clear();
          shape.add(d, one);
        }
        yield b.add(new Reshape(shape), x);
      }
      case 17 -> {
        Value x = any();
        List<Integer> axes = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        for (int d = 0; d < x.type().rank(); d++) {
          (random.nextBoolean() ? axes : kept).add(d);
        }
        if (axes.isEmpty()) {
          throw new OpException("not of this kind");
        }
        Value sum = Reduce.of(b, oneOf(List.of(Reducer.SUM, Reducer.MAX)), axes, x);
        if (kept.isEmpty() || random.nextInt(3) == 0) {
          yield sum;
        }
        Value back = b.add(new Broadcast(kept, x.type().shape()), sum);
        yield b.add(oneOf(List.of(Pointwise.ADD, Pointwise.SUB)), x, scalar(back, 0.1));
      }
      case 18 -> {
        Value x = any();
        if (x.type().rank() != 2 || !x.type().dim(1).isConstant()) {
          throw new OpException("not of this kind");
        }
        Value w = weight(Dim.of(between(1, 20)), x.type().dim(1));
        yield Contract.of(b, "ab,cb->ac", scalar(x, 0.1), w);
      }
      case 19 -> {
        Value x = any();
        yield b.add(new Softmax(random.nextInt(x.type().rank())), x);
      }
      case 20 -> {
        Value x = any();
        List<Value> like = pool.stream().filter(v -> v.type().equals(x.type())).toList();
        yield b.add(new Interleave(random.nextInt(x.type().rank()), 2), x, oneOf(like));
      }
      default -> {
        Value x = picture();
        Value mean = Reduce.of(b, Reducer.SUM, List.of(2, 3), x);
        Value w = weight(Dim.of(between(1, 5)), x.type().dim(1));
        Value v = weight(x.type().dim(1), w.type().dim(0));
        Value h = Contract.of(b, "ab,cb->ac", scalar(mean, 0.1), w);
        Value s = b.add(Pointwise.SIGMOID, Contract.of(b, "ab,cb->ac", h, v));
        yield b.add(Pointwise.MUL, x, b.add(new Broadcast(List.of(0, 1), x.type().shape()), s));
      }
    };
  }

  private Value scalar(Value x, double by) {
    return by == 1.0 ? x : b.add(Pointwise.MUL, x, b.fill(x.type(), by));
  }

  private RandomGraphs.Sample assemble() {
    Set<Value> used = new HashSet<>();
    b.nodes().forEach(node -> used.addAll(node.operands()));
    List<Value> ends = pool.stream().filter(v -> !used.contains(v)).toList();
    Map<Graph.Output, Value> outputs = new LinkedHashMap<>();
    if (random.nextBoolean()) {
      Value loss = null;
      for (Value end : ends) {
        Value s = b.add(Pointwise.SIGMOID, end);
        List<Integer> axes = new ArrayList<>();
        for (int d = 0; d < end.type().rank(); d++) {
          axes.add(d);
        }
        Value sum =
            axes.isEmpty()
                ? s
                : scalar(Reduce.of(b, Reducer.SUM, axes, b.add(Pointwise.MUL, s, s)), 0.01);
        loss = loss == null ? sum : b.add(Pointwise.ADD, loss, sum);
      }
      List<Value> by = new ArrayList<>(weights);
      if (random.nextBoolean()) {
        by.add(pool.getFirst());
      }
      if (loss != null && !by.isEmpty()) {
        List<Value> operands = new ArrayList<>(List.of(loss));
        operands.addAll(by);
        List<Value> gradients = b.add(new Gradient(), operands, List.of(), "").results();
        for (int i = 0; i < by.size(); i++) {
          Value w = by.get(i);
          Graph.Output state =
              states.entrySet().stream()
                  .filter(e -> e.getValue() == w)
                  .map(Map.Entry::getKey)
                  .findFirst()
                  .orElse(null);
          if (state != null) {
            states.put(state, b.add(Pointwise.SUB, w, gradients.get(i)));
          } else {
            outputs.put(
                new Graph.Output("d" + outputs.size(), Graph.Role.ARGUMENT), gradients.get(i));
          }
        }
      }
    }
    for (Value value : pool.subList(1, pool.size())) {
      if (!used.contains(value) || random.nextInt(8) == 0) {
        outputs.put(new Graph.Output("y" + outputs.size(), Graph.Role.ARGUMENT), value);
      }
    }
    outputs.putAll(states);
    Region body = b.region(List.copyOf(outputs.values()));
    Graph graph = new Graph("pictures", inputs, List.copyOf(outputs.keySet()), body, Facts.NONE);
    return new RandomGraphs.Sample(graph, given);
  }
}
