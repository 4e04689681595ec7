package dev.sinter.testkit;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.DynamicSlice;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.Scatter;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Softmax;
import dev.sinter.ir.op.Transpose;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.op.While;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A graph drawn at random, with inputs for it. Floats are `f64`, so that two correct ways to run
/// it differ by little; the size `N` is [#N] in the inputs. The same seed with more nodes begins
/// with the same nodes, so that a fault is shrunk by asking for fewer.
///
/// @param graph the graph, with arguments, weights and states
/// @param inputs a tensor for each input, by name
public record RandomGraph(Graph graph, Map<String, Tensor> inputs) {
  /// The value of the symbolic size.
  public static final long N = 3;

  private static final Dim BATCH = Dim.symbol("N");
  private static final List<Dim> DIMS = List.of(BATCH, Dim.of(4), Dim.of(4), Dim.of(5), Dim.ONE);
  private static final int MOST_ELEMENTS = 400;

  /// Draws a graph of about so many ops.
  public static RandomGraph of(long seed, int ops) {
    return new Drawing(seed).graph(ops);
  }

  private static final class Drawing {
    private final Random random;
    private final GraphBuilder b;
    private final List<Value> pool = new ArrayList<>();

    Drawing(long seed) {
      this(new Random(seed), new GraphBuilder());
    }

    private Drawing(Random random, GraphBuilder b) {
      this.random = random;
      this.b = b;
    }

    RandomGraph graph(int ops) {
      List<Graph.Input> inputs = new ArrayList<>();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      input(inputs, tensors, "x", Graph.Role.ARGUMENT, BATCH, Dim.of(4));
      input(inputs, tensors, "y", Graph.Role.ARGUMENT, BATCH, Dim.of(5), Dim.of(4));
      input(inputs, tensors, "w", Graph.Role.WEIGHT, Dim.of(4), Dim.of(5));
      input(inputs, tensors, "c", Graph.Role.WEIGHT, Dim.of(5));
      input(inputs, tensors, "s", Graph.Role.STATE, Dim.of(4), Dim.of(5));
      input(inputs, tensors, "t", Graph.Role.STATE, BATCH, Dim.of(4));
      List<Value> states = List.of(pool.get(4), pool.get(5));
      for (int i = 0; i < ops; i++) {
        step(true);
      }
      Random choice = new Random(random.nextLong());
      List<Graph.Output> outputs = new ArrayList<>();
      List<Value> results = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        outputs.add(new Graph.Output("out" + i, Graph.Role.ARGUMENT));
        int back = i == 0 ? 1 : 1 + choice.nextInt(pool.size());
        results.add(pool.get(pool.size() - back));
      }
      for (Value state : states) {
        outputs.add(new Graph.Output(state.name(), Graph.Role.STATE));
        List<Value> fitting = pool.stream().filter(v -> v.type().equals(state.type())).toList();
        results.add(fitting.get(fitting.size() - 1 - choice.nextInt(Math.min(2, fitting.size()))));
      }
      Region region = b.region(results);
      return new RandomGraph(new Graph("random", inputs, outputs, region, Facts.NONE), tensors);
    }

    private void input(
        List<Graph.Input> inputs,
        Map<String, Tensor> tensors,
        String name,
        Graph.Role role,
        Dim... shape) {
      TensorType type = TensorType.of(DType.F64, shape);
      inputs.add(new Graph.Input(name, role));
      pool.add(b.parameter(type, name));
      long[] sizes = type.shape().stream().mapToLong(d -> d.evaluate(_ -> N)).toArray();
      Tensor tensor = Tensor.zeros(DType.F64, sizes);
      for (long i = 0; i < tensor.size(); i++) {
        tensor.setDouble(i, random.nextDouble() * 2 - 1);
      }
      tensors.put(name, tensor);
    }

    private static long size(List<Dim> shape) {
      return Dim.product(shape).evaluate(_ -> N);
    }

    private Value any() {
      // Late values more often, so that chains grow long.
      int late = Math.min(pool.size(), 6);
      return random.nextInt(3) == 0
          ? pool.get(random.nextInt(pool.size()))
          : pool.get(pool.size() - 1 - random.nextInt(late));
    }

    private Value like(Value x) {
      List<Value> fitting = pool.stream().filter(v -> v.type().equals(x.type())).toList();
      return fitting.get(random.nextInt(fitting.size()));
    }

    private int axis(Value x) {
      return random.nextInt(x.type().rank());
    }

    private void keep(Value value) {
      if (size(value.type().shape()) <= MOST_ELEMENTS && value.type().rank() <= 4) {
        pool.add(value);
      }
    }

    private void step(boolean nesting) {
      Value x = any();
      boolean scalar = x.type().rank() == 0;
      switch (random.nextInt(nesting ? 26 : 20)) {
        case 0, 1 -> keep(b.add(unary(), x));
        case 2, 3 -> keep(b.add(binary(), x, like(x)));
        case 4 -> keep(select(x));
        case 5, 6 -> keep(broadcast(x));
        case 7, 8 -> keep(scalar ? b.add(Pointwise.TANH, x) : reduce(x));
        case 9 -> keep(transpose(x));
        case 10 -> keep(reshape(x));
        case 11, 12 -> contract(x);
        case 13 -> keep(scalar ? x : b.add(new Softmax(axis(x)), x));
        case 14 -> keep(scalar ? x : Slice.of(b, x, axis(x), Dim.ZERO, Dim.ONE));
        case 15 -> keep(scalar ? x : pad(x));
        case 16 -> keep(scalar ? x : b.add(new Concat(axis(x)), x, x));
        case 17 -> gather(x);
        case 18 -> keep(scalar ? x : update(x));
        case 19 -> keep(scalar ? x : cumulative(x));
        case 20 -> conv();
        case 21, 22 -> scan();
        case 23 -> repeat(x);
        default -> choice(x);
      }
    }

    private Pointwise unary() {
      return List.of(
              Pointwise.TANH,
              Pointwise.RELU,
              Pointwise.SIGMOID,
              Pointwise.NEG,
              Pointwise.GELU,
              Pointwise.COS)
          .get(random.nextInt(6));
    }

    private Pointwise binary() {
      return List.of(Pointwise.ADD, Pointwise.MUL, Pointwise.SUB, Pointwise.MAX)
          .get(random.nextInt(4));
    }

    private Value select(Value x) {
      Value condition = b.add(Pointwise.LT, x, like(x));
      return b.add(Pointwise.SELECT, condition, x, b.add(Pointwise.TANH, like(x)));
    }

    private Value broadcast(Value x) {
      List<Dim> shape = new ArrayList<>(x.type().shape());
      int place = random.nextInt(shape.size() + 1);
      shape.add(place, DIMS.get(random.nextInt(DIMS.size())));
      List<Integer> axes = new ArrayList<>();
      for (int i = 0; i < shape.size(); i++) {
        if (i != place) {
          axes.add(i);
        }
      }
      return b.add(new Broadcast(axes, shape), x);
    }

    private Value reduce(Value x) {
      List<Integer> axes = new ArrayList<>();
      for (int i = 0; i < x.type().rank(); i++) {
        if (random.nextBoolean()) {
          axes.add(i);
        }
      }
      if (axes.isEmpty()) {
        axes.add(x.type().rank() - 1);
      }
      Reducer reducer = random.nextBoolean() ? Reducer.SUM : Reducer.MAX;
      Value reduced = Reduce.of(b, reducer, axes, x);
      if (random.nextBoolean()) {
        return reduced;
      }
      // Back to the operand's sizes, as normalizations do.
      List<Integer> rest = new ArrayList<>();
      for (int i = 0; i < x.type().rank(); i++) {
        if (!axes.contains(i)) {
          rest.add(i);
        }
      }
      Value back = b.add(new Broadcast(rest, x.type().shape()), b.add(Pointwise.TANH, reduced));
      return b.add(Pointwise.SUB, x, back);
    }

    private Value transpose(Value x) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < x.type().rank(); i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      return b.add(new Transpose(order), x);
    }

    private Value reshape(Value x) {
      List<Dim> shape = new ArrayList<>(x.type().shape());
      if (shape.size() >= 2 && random.nextBoolean()) {
        int at = random.nextInt(shape.size() - 1);
        shape.set(at, shape.get(at).times(shape.remove(at + 1)));
      } else {
        shape.add(random.nextInt(shape.size() + 1), Dim.ONE);
      }
      return b.add(new Reshape(shape), x);
    }

    private void contract(Value x) {
      Value y = any();
      StringBuilder left = new StringBuilder();
      for (int i = 0; i < x.type().rank(); i++) {
        left.append((char) ('a' + i));
      }
      StringBuilder right = new StringBuilder();
      StringBuilder out = new StringBuilder();
      for (int i = 0; i < y.type().rank(); i++) {
        char letter = (char) ('n' + i);
        for (int j = 0; j < x.type().rank(); j++) {
          boolean unused = right.indexOf(left.substring(j, j + 1)) < 0;
          if (unused && x.type().dim(j).equals(y.type().dim(i)) && random.nextInt(3) > 0) {
            letter = left.charAt(j);
            break;
          }
        }
        right.append(letter);
      }
      for (char letter : (left.toString() + right).toCharArray()) {
        boolean shared = left.indexOf("" + letter) >= 0 && right.indexOf("" + letter) >= 0;
        if (out.indexOf("" + letter) < 0 && (!shared || random.nextInt(4) == 0)) {
          out.append(letter);
        }
      }
      Value product = Contract.of(b, left + "," + right + "->" + out, x, y);
      keep(product);
      keep(b.add(Pointwise.TANH, product));
    }

    private Value pad(Value x) {
      List<Dim> low = new ArrayList<>();
      List<Dim> high = new ArrayList<>();
      for (int i = 0; i < x.type().rank(); i++) {
        low.add(Dim.of(random.nextInt(2)));
        high.add(Dim.of(random.nextInt(2)));
      }
      return b.add(new Pad(low, high, Collections.nCopies(low.size(), 0L), 0.5), x);
    }

    private Value index(Dim size) {
      Value places = b.add(new Iota(DType.I32, 0, List.of(Dim.of(4))));
      Value scaled = b.add(Pointwise.MUL, places, places);
      return b.add(
          Pointwise.MIN,
          scaled,
          b.fill(scaled.type(), size.isConstant() ? (double) (size.constant() - 1) : 1.0));
    }

    private void gather(Value x) {
      if (x.type().rank() == 0) {
        return;
      }
      int axis = axis(x);
      Value index = index(x.type().dim(axis));
      Value rows = b.add(new Gather(axis), x, index);
      keep(rows);
      if (random.nextBoolean()) {
        keep(b.add(new Scatter(axis, x.type().dim(axis)), index, rows));
      }
    }

    private Value start() {
      return b.fill(TensorType.of(DType.I32, new long[0]), random.nextInt(3));
    }

    private Value update(Value x) {
      int axis = axis(x);
      Value start = start();
      Value part = b.add(new DynamicSlice(axis, Dim.ONE), x, start());
      return b.add(new UpdateSlice(axis), x, b.add(Pointwise.COS, part), start);
    }

    private Value cumulative(Value x) {
      return b.add(
          new Cumulative(
              Reducer.SUM, axis(x), random.nextBoolean(), random.nextBoolean(), DType.F64),
          x);
    }

    private void conv() {
      List<Value> images = pool.stream().filter(v -> v.type().rank() == 3).toList();
      if (images.isEmpty()) {
        return;
      }
      Value x = images.get(random.nextInt(images.size()));
      List<Dim> shape = List.of(Dim.of(2), x.type().dim(1), Dim.of(3));
      Value w =
          b.add(Pointwise.COS, b.add(new Cast(DType.F64), b.add(new Iota(DType.I32, 1, shape))));
      keep(b.add(new Conv(List.of(1L), List.of(1L), List.of(1L), List.of(1L), 1, DType.F64), x, w));
    }

    /// A few ops in a region, on the parameters so far.
    private Drawing inside(GraphBuilder inner, List<Value> values) {
      Drawing drawing = new Drawing(random, inner);
      drawing.pool.addAll(values);
      int ops = 1 + random.nextInt(3);
      for (int i = 0; i < ops; i++) {
        drawing.step(false);
      }
      return drawing;
    }

    private Value last(Drawing drawing, TensorType type) {
      return drawing.pool.stream()
          .filter(v -> v.type().equals(type))
          .reduce((_, second) -> second)
          .orElseThrow();
    }

    private void scan() {
      List<Value> walkable = pool.stream().filter(v -> v.type().rank() > 0).toList();
      Value walked = walkable.get(random.nextInt(walkable.size()));
      Value first = any();
      Value seen = any();
      GraphBuilder inner = b.nested();
      inner.parameter(TensorType.of(DType.I32, new long[0]), "turn");
      Value carried = inner.parameter(first.type(), "carried");
      TensorType whole = walked.type();
      Value slice =
          inner.parameter(whole.withShape(whole.shape().subList(1, whole.rank())), "slice");
      Drawing drawing = inside(inner, List.of(carried, slice, inner.use(seen)));
      Value next = last(drawing, first.type());
      Value emitted = drawing.any();
      Region body = inner.region(List.of(next, emitted));
      List<Value> operands = new ArrayList<>(List.of(first, walked));
      operands.addAll(inner.captured());
      b.add(new Scan(whole.dim(0), 1, 1), operands, List.of(body), "")
          .results()
          .forEach(this::keep);
    }

    private void repeat(Value x) {
      GraphBuilder test = b.nested();
      Value tested = test.parameter(x.type(), "x");
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < x.type().rank(); i++) {
        all.add(i);
      }
      Value sum = all.isEmpty() ? tested : Reduce.of(test, Reducer.SUM, all, tested);
      Value again = test.add(Pointwise.GT, sum, test.fill(sum.type(), 0.25));
      GraphBuilder body = b.nested();
      Value before = body.parameter(x.type(), "x");
      Drawing drawing = inside(body, List.of(before, body.add(Pointwise.TANH, before)));
      Value after = body.add(Pointwise.SUB, last(drawing, x.type()), body.fill(x.type(), 0.125));
      b.add(
              new While(1, 5),
              List.of(x),
              List.of(test.region(List.of(again)), body.region(List.of(after))),
              "")
          .results()
          .forEach(this::keep);
    }

    private void choice(Value x) {
      Value y = like(x);
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < x.type().rank(); i++) {
        all.add(i);
      }
      Value sum = all.isEmpty() ? x : Reduce.of(b, Reducer.SUM, all, x);
      Value positive = b.add(Pointwise.GT, sum, b.fill(sum.type(), 0.1));
      List<Region> sides = new ArrayList<>();
      for (int side = 0; side < 2; side++) {
        GraphBuilder inner = b.nested();
        Value p = inner.parameter(x.type(), "p");
        Value q = inner.parameter(x.type(), "q");
        Drawing drawing = inside(inner, List.of(p, q));
        sides.add(inner.region(List.of(last(drawing, x.type()))));
      }
      b.add(new If(), List.of(positive, x, y), sides, "").results().forEach(this::keep);
    }
  }
}
